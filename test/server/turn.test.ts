import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { turnServer } from '../../server/lessons/turn.ts';

describe('credentials for a TURN server', () => {
  const urls = ['turns:turn.example.cn:443?transport=tcp'];
  const now = Date.UTC(2026, 10, 26, 9);

  it('are those that a server with the same secret works out, and are over within the hour', () => {
    const { username = '', credential, urls: told } = turnServer({ urls, secret: 'north' }, 'room1', now);
    assert.deepEqual(told, urls);
    const [until, user] = username.split(':');
    assert.equal(user, 'room1');
    const lifetime = Number(until) - now / 1_000;
    assert.ok(lifetime > 2_700 && lifetime <= 3_600, `${lifetime} s`);
    assert.equal(credential, createHmac('sha1', 'north').update(username).digest('base64'));
  });
});
