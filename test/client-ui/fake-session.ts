import type { WHOLE } from '../../client/board/viewport.ts';
import { eventOf } from '../../client/lesson/optimistic.ts';
import type { LessonSession, LessonView, MediaView } from '../../client/lesson/types.ts';
import { own } from '../../protocol/common.ts';
import type { LessonEvent } from '../../protocol/events.ts';
import type { LinkChoice } from '../../protocol/link.ts';
import { liveScene, participantOf, Scene } from './scene.ts';

/**
 * Stands in for `client/lesson/session.ts` in a page that is only looked at: a lesson that holds still. Which lesson
 * and whose eyes come from the page's own address: `?as=room1&scene=called`.
 */
export function openSession(): LessonSession {
  const wanted = new URLSearchParams(location.search);
  const you = wanted.get('as') ?? 'dolma';
  const scene = sceneOf(wanted.get('scene') ?? 'live', you);
  return new StillSession(scene, you, wanted.get('scene') ?? 'live');
}

function sceneOf(name: string, you: string): Scene {
  if (name === 'ready') return new Scene().join('dolma', 'room1', you);
  const scene = liveScene();
  if (name === 'called') {
    scene
      .log('room1', { type: 'stage.called', participant: you === 'dolma' ? 'room1' : you })
      .log('room1', {
        type: 'stream.opened',
        stream: { id: 'room1-camera', participant: 'room1', source: 'camera' },
      })
      .log('room1', {
        type: 'stream.opened',
        stream: { id: 'room1-mic', participant: 'room1', source: 'mic' },
      });
  }
  if (name !== 'called' || you === 'dolma') {
    scene
      .log('student4', { type: 'hand.raised', participant: 'student4' })
      .log('room2', { type: 'hand.raised', participant: 'room2' });
  }
  if (name === 'writing') scene.log('dolma', { type: 'writers.changed', may: true });
  if (name === 'paused') scene.log('dolma', { type: 'lesson.paused' });
  if (name === 'ended') scene.log('dolma', { type: 'lesson.ended', reason: 'teacher' });
  return scene;
}

class StillSession implements LessonSession {
  readonly #scene: Scene;
  readonly #you: string;
  readonly #listeners = new Set<() => void>();
  #view: LessonView;
  #media: MediaView;

  constructor(scene: Scene, you: string, name: string) {
    this.#scene = scene;
    this.#you = you;
    this.#view = {
      connection: name === 'lost' ? 'lost' : 'joined',
      error: null,
      you: { participant: you, part: participantOf(you).part },
      state: scene.state,
      arriving: [],
      unsent: name === 'lost' ? 7 : 0,
      levels: { dolma: -24, ...(name === 'called' && { room1: -31 }) },
      links: {
        dolma: 'good',
        room1: 'good',
        room2: 'fair',
        tashi: 'good',
        student1: 'poor',
        student4: 'fair',
      },
      behind: name === 'behind' ? { ms: 38_000, waiting: false, voice: null } : null,
    };
    this.#media = { connection: 'connected', received: {}, early: null, sending: {}, held: {} };
    for (const stream of Object.values(scene.state.streams)) {
      if (stream.source === 'mic' || stream.participant === you) continue;
      const track = own(scene.state.people, stream.participant)?.part === 'room' ? drawRoom() : drawTeacher();
      this.#media = { ...this.#media, received: { ...this.#media.received, [stream.id]: track } };
    }
  }

  view = () => this.#view;
  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  onEntry = () => () => {};
  onRefusal = () => () => {};
  onLeftOut = () => () => {};
  goLive = () => {
    this.#view = { ...this.#view, behind: null };
    this.#tell();
  };
  now = () => this.#scene.state.t + 12 * 60_000 + Math.round(performance.now());
  close = () => {};

  request: LessonSession['request'] = (name, input) => {
    const event = this.#eventOf(name, input);
    if (event) this.#log(event);
    return Promise.resolve({} as never);
  };

  perform: LessonSession['perform'] = (name, input) => {
    const event = eventOf(name, input);
    if (event) this.#log(event);
  };

  readonly media: LessonSession['media'] = {
    view: () => this.#media,
    subscribe: this.subscribe,
    send: async (source, track) => {
      this.#media = { ...this.#media, sending: { ...this.#media.sending, [source]: track ?? undefined } };
      this.#tell();
    },
    measured: () => null,
    hold: async (source, held) => {
      this.#media = { ...this.#media, held: { ...this.#media.held, [source]: held } };
      this.#tell();
    },
  };

  #eventOf(name: string, input: unknown): LessonEvent | null {
    const you = this.#you;
    const events: Record<string, () => LessonEvent> = {
      'lesson.start': () => ({ type: 'lesson.started', at: 0 }),
      'lesson.end': () => ({ type: 'lesson.ended', reason: 'teacher' }),
      'lesson.pause': () => ({ type: 'lesson.paused' }),
      'lesson.resume': () => ({ type: 'lesson.resumed' }),
      'hand.raise': () => ({ type: 'hand.raised', participant: you }),
      'hand.lower': () => ({ type: 'hand.lowered', participant: you }),
      'stage.call': () => ({ type: 'stage.called', ...(input as { participant: string }) }),
      'stage.dismiss': () => ({ type: 'stage.dismissed', ...(input as { participant: string }) }),
      'stage.mute': () => ({ type: 'stage.muted', ...(input as { participant: string; muted: boolean }) }),
      'writers.change': () => ({ type: 'writers.changed', ...(input as { may: boolean }) }),
      'ink.veil': () => ({ type: 'ink.veiled', ...(input as { by: string; veiled: boolean }) }),
      'link.choose': () => ({
        type: 'link.changed',
        participant: you,
        rung: 'ink',
        ...(input as { choice: LinkChoice }),
      }),
      'page.view': () => ({ type: 'page.viewed', ...(input as { page: string; view: typeof WHOLE }) }),
    };
    return own(events, name)?.() ?? null;
  }

  #log(event: LessonEvent): void {
    this.#scene.log(this.#you, event);
    this.#view = { ...this.#view, state: this.#scene.state };
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function drawTeacher(): MediaStreamTrack {
  return drawn((context) => {
    context.fillStyle = '#d9cdb8';
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = '#4a6b5a';
    context.fillRect(60, 40, 300, 170);
    context.fillStyle = '#7a2f3a';
    context.beginPath();
    context.ellipse(430, 380, 140, 130, 0, 0, 7);
    context.fill();
    context.fillStyle = '#b98363';
    context.beginPath();
    context.ellipse(430, 180, 62, 78, 0, 0, 7);
    context.fill();
    context.fillStyle = '#221a18';
    context.beginPath();
    context.ellipse(430, 140, 70, 56, 0, 0, 7);
    context.fill();
  });
}

function drawRoom(): MediaStreamTrack {
  return drawn((context) => {
    context.fillStyle = '#c9d3d4';
    context.fillRect(0, 0, 640, 360);
    for (let i = 0; i < 14; i++) {
      const x = 50 + (i % 7) * 90;
      const y = 190 + Math.floor(i / 7) * 90;
      context.fillStyle = i % 3 ? '#2d5a8a' : '#a83c32';
      context.fillRect(x - 30, y + 24, 60, 70);
      context.fillStyle = '#a87656';
      context.beginPath();
      context.arc(x, y, 24, 0, 7);
      context.fill();
    }
  });
}

function drawn(draw: (context: CanvasRenderingContext2D) => void): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  const [track] = canvas.captureStream(5).getVideoTracks();
  if (!track) throw new Error('no picture');
  setInterval(() => draw(context), 200);
  draw(context);
  return track;
}
