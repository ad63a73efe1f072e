import assert from 'node:assert/strict';
import { LinkMeter } from '../../client/lesson/link-meter.ts';
import { Playout } from '../../client/lesson/playout.ts';

describe('playout', () => {
  it('leaves a clean link to the browser', () => {
    const playout = new Playout();
    playout.expect(60, 0);
    for (let s = 1; s < 100; s++) playout.follow({ asked: 0, pathMs: 60 }, s * 1_000);
    assert.equal(playout.targetMs, null);
  });

  it('waits for a resend and one more on a satellite, from the beginning', () => {
    const playout = new Playout();
    playout.expect(620, 0);
    assert.equal(playout.targetMs, 1_300);
    for (let s = 1; s < 10; s++) playout.follow({ asked: 0.1, pathMs: 600 }, s * 1_000);
    assert.equal(playout.targetMs, 1_300);
    playout.follow({ asked: 0.1, pathMs: 4_000 }, 10_000);
    assert.equal(playout.targetMs, 1_500);
  });

  it('waits little where a resend comes soon, and trusts a link again after a minute', () => {
    const playout = new Playout();
    for (let s = 1; s < 10; s++) playout.follow({ asked: 0.1, pathMs: 150 }, s * 1_000);
    assert.equal(playout.targetMs, 400);
    for (let s = 10; s < 120; s++) playout.follow({ asked: 0, pathMs: 150 }, s * 1_000);
    assert.equal(playout.targetMs, null);
  });
});

describe('link meter', () => {
  const inbound = (values: object) => ({ type: 'inbound-rtp', kind: 'audio', ...values });
  const pair = { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.6 };

  it('reads counters as shares of the time since, and silence that is meant as nothing missing', () => {
    const meter = new LinkMeter();
    const samples = { totalSamplesReceived: 480_000, concealedSamples: 9_600, silentConcealedSamples: 9_600 };
    meter.read([inbound({ packetsReceived: 100, packetsLost: 2, bytesReceived: 10_000, ...samples }), pair]);
    const later = { totalSamplesReceived: 528_000, concealedSamples: 16_800, silentConcealedSamples: 12_000 };
    const now = inbound({
      packetsReceived: 190,
      packetsLost: 12,
      nackCount: 9,
      bytesReceived: 12_500,
      ...later,
    });
    const measure = meter.read([now, pair, { type: 'codec' }], performance.now() + 1_000);
    assert.ok(measure);
    assert.equal(measure.loss, 0.1);
    assert.equal(measure.asked, 0.1);
    assert.equal(measure.concealed, 0.1);
    assert.equal(measure.pathMs, 600);
  });

  it('has nothing to say where nothing came, nor of a voice that has just begun', () => {
    const meter = new LinkMeter();
    assert.equal(meter.read([pair]), null);
    const begun = inbound({ packetsReceived: 10, totalSamplesReceived: 48_000, concealedSamples: 30_000 });
    assert.equal(meter.read([begun])?.concealed, null);
  });
});
