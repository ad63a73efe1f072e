import assert from 'node:assert/strict';
import { EMPTY_LESSON } from '../../protocol/lesson.ts';
import { requests } from '../../protocol/requests.ts';
import { can, type LessonMembers, type Permission, partIn, type Subject } from '../../protocol/roles.ts';
import { TokenScope } from '../../protocol/tokens.ts';

const members: LessonMembers = {
  lead: 'dolma',
  locals: ['tashi'],
  rooms: ['room1'],
  students: ['pema'],
  schools: ['hub', 'village'],
};
const who: Record<string, Subject> = {
  lead: { id: 'dolma', role: 'teacher', school: 'hub' },
  local: { id: 'tashi', role: 'teacher', school: 'village' },
  room: { id: 'room1', role: 'room', school: 'village' },
  student: { id: 'pema', role: 'student', school: 'village' },
  observer: { id: 'wangdu', role: 'observer', school: 'hub' },
  stranger: { id: 'other', role: 'teacher', school: 'hub' },
  foreignObserver: { id: 'far', role: 'observer', school: 'elsewhere' },
  technician: { id: 'tech', role: 'technician', school: 'hub' },
};

/** The whole table: for each permission, who has it (nobody on stage). */
const EXPECTED: Record<Permission, string[]> = {
  anyone: Object.keys(who),
  signed_in: Object.keys(who),
  'account.own': Object.keys(who).filter((name) => name !== 'room'),
  'lesson.attend': ['lead', 'local', 'room', 'student', 'observer'],
  'lesson.lead': ['lead'],
  'lesson.speak': ['lead'],
  'lesson.respond': ['lead', 'local', 'room', 'student'],
  'board.write': ['lead'],
  'replay.watch': ['lead', 'local', 'room', 'student', 'observer'],
  'replay.ask': ['lead', 'local', 'room', 'student'],
  'replay.answer': ['lead'],
  'replay.keep': ['lead', 'local', 'room', 'student', 'observer'],
  'replay.export': ['lead'],
  'replay.edit': ['lead'],
  'replay.original': [],
  'replay.again': [],
  'replay.delete': [],
  'courier.manage': [],
  'room.list': ['technician'],
  'room.manage': [],
  'alert.own': ['technician'],
  'timetable.manage': [],
  'storage.rule': [],
};

describe('can', () => {
  for (const [permission, allowed] of Object.entries(EXPECTED) as [Permission, string[]][]) {
    it(`gives ${permission} to ${allowed.length === 8 ? 'everyone signed in' : allowed.join(', ')}`, () => {
      const scope = { members, state: EMPTY_LESSON };
      const has = Object.keys(who).filter((name) => can(who[name] ?? null, permission, scope));
      assert.deepEqual(has, allowed);
    });
  }

  it('gives rooms to technicians and administrators of their school, and of the schools they serve', () => {
    const serving: Subject = { id: 'tech', role: 'technician', school: 'hub', serves: ['village'] };
    const teacher: Subject = { id: 'dolma', role: 'teacher', school: 'hub', serves: ['village'] };
    for (const [school, expected] of [
      ['hub', true],
      ['village', true],
      ['elsewhere', false],
    ] as const) {
      assert.equal(can(serving, 'room.manage', { school }), expected, school);
      assert.equal(
        can({ ...serving, role: 'administrator' }, 'timetable.manage', { school }),
        expected,
        school,
      );
      assert.equal(can(teacher, 'room.manage', { school }), false, school);
      assert.equal(can(serving, 'lesson.attend', { school }), false, school);
    }
    assert.equal(can(serving, 'room.manage', { members }), false);
  });

  it('lets the administrator of a lesson’s own school delete its replay, and no other', () => {
    const scope = { members: { ...members, home: 'hub' } };
    const may = (school: string, more: Partial<Subject> = {}) =>
      can({ id: 'admin', role: 'administrator', school, ...more }, 'replay.delete', scope);
    assert.equal(may('hub'), true);
    assert.equal(may('county', { serves: ['hub'] }), true);
    assert.equal(may('village'), false, 'a school that receives it');
    assert.equal(may('hub', { role: 'technician' }), false);
    assert.equal(may('hub', { token: { scopes: ['lessons.read'], reading: false } }), false);
    assert.equal(can({ id: 'dolma', role: 'teacher', school: 'hub' }, 'replay.delete', scope), false);
    const lets = { members: { ...scope.members, leadDeletes: true } };
    assert.equal(can({ id: 'dolma', role: 'teacher', school: 'hub' }, 'replay.delete', lets), true);
    assert.equal(can({ id: 'tashi', role: 'teacher', school: 'hub' }, 'replay.delete', lets), false);
  });

  it('lets whoever serves a lesson’s own school have what failed of it made again', () => {
    const scope = { members: { ...members, home: 'hub' } };
    const may = (role: Subject['role'], school: string, more: Partial<Subject> = {}) =>
      can({ id: 'tech', role, school, ...more }, 'replay.again', scope);
    assert.equal(may('technician', 'hub'), true);
    assert.equal(may('administrator', 'hub'), true);
    assert.equal(may('technician', 'county', { serves: ['hub'] }), true);
    assert.equal(may('technician', 'village', { serves: ['elsewhere'] }), false, 'a school that receives it');
    assert.equal(may('teacher', 'hub', { serves: ['hub'] }), false);
    assert.equal(may('technician', 'hub', { token: { scopes: ['rooms.manage'], reading: false } }), false);
    assert.equal(can({ id: 'dolma', role: 'teacher', school: 'hub' }, 'replay.again', scope), false);
  });

  it('gives a token what its scopes say, of what its person may, and nothing of their own', () => {
    const by = (scopes: TokenScope[], reading: boolean): Subject => ({
      ...{ id: 'tech', role: 'administrator', school: 'hub' },
      token: { scopes, reading },
    });
    const hub = { school: 'hub' };
    assert.equal(can(by(['rooms.read'], true), 'room.manage', hub), true);
    assert.equal(
      can(by(['rooms.read'], false), 'room.manage', hub),
      false,
      'a read-only token changes nothing',
    );
    assert.equal(can(by(['rooms.manage'], false), 'room.manage', hub), true);
    assert.equal(can(by(['rooms.manage'], false), 'room.manage', { school: 'far' }), false);
    assert.equal(can(by(['rooms.manage'], false), 'timetable.manage', hub), false);
    const all = by([...TokenScope.options], false);
    for (const permission of ['account.own', 'alert.own', 'courier.manage'] as const) {
      assert.equal(can(all, permission), false, permission);
    }
    assert.equal(can(by([], true), 'anyone'), true);
    assert.equal(can(by([], true), 'signed_in'), false);
  });

  it('lets those speak who were called on, observers never', () => {
    const scope = { members, state: { ...EMPTY_LESSON, stage: ['room1', 'wangdu'] } };
    const has = Object.keys(who).filter((name) => can(who[name] ?? null, 'lesson.speak', scope));
    assert.deepEqual(has, ['lead', 'room']);
  });

  it('refuses everything about a lesson where there is no lesson or nobody signed in', () => {
    for (const { may } of Object.values(requests)) {
      assert.equal(can(who.lead ?? null, may), false, may);
      assert.equal(can(null, may, { members }), false, may);
    }
  });

  it('knows nobody by a name that every object has', () => {
    assert.equal(partIn(members, { id: 'constructor', role: 'student', school: 'hub' }), null);
  });
});
