import type { Catalogue } from '../catalogue.ts';
import { fileError } from './prepare.ts';

export const error: Catalogue['error'] = {
  ...fileError,
  bad_request: 'That could not be done: something in it does not fit. Check it and try again.',
  too_large: 'That was too large and was not sent. Send it in smaller pieces.',
  too_many_requests: 'That was too many tries in a short time. Wait a minute, then try again.',
  unknown_request: 'This page and the server do not match. Reload the page.',
  version_mismatch: 'Tongke has been updated. Reload the page to go on.',
  not_signed_in: 'You are no longer signed in. Please sign in again.',
  wrong_password: 'User name or password is wrong. Check both, capitals too.',
  forbidden: 'This account may not do that. If it should, ask your school’s administrator.',
  not_found: 'This lesson was not found. It may have been cancelled: look at today’s lessons.',
  lesson_not_started: 'The teacher has not started yet. Wait here: you are let in when it begins.',
  lesson_ended: 'This lesson is over. You find its replay among today’s lessons.',
  not_in_lesson: 'You are not in this lesson any more. Please join again.',
  connection_lost:
    'The connection broke before the answer came. It is coming back by itself; then try again.',
  not_on_stage: 'The teacher has not called on you. Raise your hand first.',
  media_unavailable:
    'Voice and picture cannot be reached just now; the board goes on. It is tried again by itself.',
  stream_gone: 'This voice or picture has just ended. Nothing to do: it comes back by itself.',
  replay_not_ready: 'The replay is not ready yet. Come back in a few minutes.',
  storage_unavailable:
    'Where recordings and courseware are kept does not answer just now. Try again in a while; your technician is told.',
  replay_part_coming: 'This part is being prepared. Try again in a moment.',
  recordings_full:
    'The recordings of your school take all the space that they may. Delete replays that nobody needs, or ask for more space, then try again.',
  replay_deleted: 'This replay was deleted by the administrator of its school.',
  merge_impossible: 'These two lessons cannot be merged: they are not two lessons of one teacher.',
  edit_outdated:
    'Somebody has changed this replay meanwhile. Look at how it is now, then make your change again.',
  captions_too_many:
    'This lesson has as many caption tracks as it may have. Remove one that is not needed, and send this one again.',
  captions_unreadable:
    'This file could not be read as captions (WebVTT). Check the line that is named, then send it again.',
  share_ended:
    'This link opens nothing any more: its time is over, or it was taken back. Ask whoever gave it to you.',
  package_damaged:
    'This package is damaged: something of it is missing or was changed on the way. Copy it again and try once more.',
  package_forged:
    'The signature of this package does not fit: it is not from whom it says. Do not use it; ask the school that gave it to you.',
  package_untrusted:
    'This package is signed by a school that is not trusted here. Compare its fingerprint by telephone, add the school, then try again.',
  package_hostile:
    'This package was made to do harm and was not taken in. Tell your technician where it came from.',
  package_older:
    'A newer package of this lesson is here already. This one was not taken in: its teacher may have changed something since.',
  room_not_found: 'This room was not found, or you do not look after it. Go back to the list of rooms.',
  pairing_code_unknown:
    'This code is wrong or older than ten minutes. Look at the screen again and enter what it shows now.',
  device_revoked: 'This screen has been taken out of service. Pair it again, or ask your technician.',
  update_running: 'An update of these screens is under way. Halt it, or wait until it is done.',
  proof_refused: 'The screen could not prove who it is. It tries again; if it stays so, pair it anew.',
  database_unavailable:
    'The server cannot save just now. Wait a little; if it stays so, tell your technician.',
  shutting_down: 'The server is restarting. Wait a moment: you come back by yourself.',
  internal: 'Something went wrong on the server. Try again; if it stays so, tell your technician.',
  network: 'The server cannot be reached. Check the network, then try again.',
  page_missing: 'There is no such page. Check the address, or go back to today.',
  page_failed: 'The page could not be opened. Check the network and reload: nothing of the lesson is lost.',
};

export const device: Catalogue['device'] = {
  insecure_origin:
    'This address is not secure, so the browser gives no camera or microphone. Open the address that begins with https://.',
  camera_refused:
    'The browser was not allowed to use the camera. Press the icon left of the address, set the camera to “Allow”, and try again.',
  camera_missing: 'No camera was found. Plug one in and try again.',
  camera_busy: 'Another program is using the camera. Close that program and try again.',
  microphone_refused:
    'The browser was not allowed to use the microphone. Press the icon left of the address, set the microphone to “Allow”, and try again.',
  microphone_missing: 'No microphone was found. Plug one in and try again.',
  microphone_busy: 'Another program is using the microphone. Close that program and try again.',
  screen_refused: 'The screen is not shared. To share it, press again and choose a window.',
  device_failed:
    'The device could not be opened. Unplug it, plug it in and try again; if it stays so, tell your technician.',
};
