import type { DataConsumer, DataProducer, DirectTransport, Router, WebRtcTransport } from 'mediasoup/types';

/** Ways for datagrams from this process to single clients of a router. */
export class Feeds {
  readonly producers = new Map<string, DataProducer>();
  readonly #router: Router;
  #transport: Promise<DirectTransport> | null = null;

  constructor(router: Router) {
    this.#router = router;
  }

  /** Sent once and in no order: what does not come soon is of no use. */
  async open(to: WebRtcTransport): Promise<{ producer: DataProducer; consumer: DataConsumer }> {
    this.#transport ??= this.#router.createDirectTransport();
    const transport = await this.#transport;
    const producer = await transport.produceData({ label: 'feed' });
    try {
      const consumer = await to.consumeData({
        dataProducerId: producer.id,
        ordered: false,
        maxRetransmits: 0,
      });
      consumer.observer.once('close', () => producer.close());
      return { producer, consumer };
    } catch (error) {
      producer.close();
      throw error;
    }
  }
}
