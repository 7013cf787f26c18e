'use strict';
// The complaint journey on Express and ussd-menu-builder 1.2.0, as its README shows it, sessions in Redis.
//
// One menu object a request: one shared by all, as in the README, mixes up residents and leaves one of two requests at
// the same moment without an answer.

const express = require('express');
const { createClient } = require('redis');
const UssdMenu = require('ussd-menu-builder');
const complaints = require('./complaints').open('ussd-menu-builder');
const screens = require('./screens');

const SESSION_SECONDS = 900;
const redis = createClient({ url: process.env.REDIS_URL });
const key = (sessionId) => `menu-builder:${sessionId}`;

const SESSIONS = {
  start: () => Promise.resolve(),
  end: (sessionId) => redis.del(key(sessionId)),
  set: (sessionId, name, value) =>
    Promise.all([redis.hSet(key(sessionId), name, value), redis.expire(key(sessionId), SESSION_SECONDS)]),
  get: (sessionId, name) => redis.hGet(key(sessionId), name),
};

function makeMenu() {
  const menu = new UssdMenu();
  menu.sessionConfig(SESSIONS);
  const keepThenShow = (name, text) => () => menu.session.set(name, menu.val).then(() => menu.con(text));
  const all = (...names) => Promise.all(names.map((name) => menu.session.get(name)));

  menu.startState({ run: () => menu.con(screens.lang), next: { 1: 'menu', 2: 'menu' } });
  menu.state('menu', { run: keepThenShow('language', screens.menu), next: { 1: 'kind' } });
  menu.state('kind', { run: () => menu.con(screens.kind), next: { '*^[1-7]$': 'privacy' } });
  menu.state('privacy', { run: keepThenShow('kind', screens.privacy), next: { '*^[1-3]$': 'subcounty' } });
  menu.state('subcounty', { run: keepThenShow('privacy', screens.subcounty), next: { '*^([1-9]|1[0-2])$': 'ward' } });
  menu.state('ward', { run: keepThenShow('area', screens.ward), next: { '*^[1-7]$': 'story' } });
  menu.state('story', { run: keepThenShow('ward', screens.story), next: { '*.{2,}': 'confirm' } });
  menu.state('confirm', {
    run: async () => {
      const story = menu.val;
      const [kind, ward] = await all('kind', 'ward');
      await menu.session.set('story', story);
      menu.con(screens.confirm(kind, ward, story));
    },
    next: { 1: 'sent' },
  });
  menu.state('sent', {
    run: async () => {
      const { sessionId, phoneNumber: phone } = menu.args;
      const [language, kind, privacy, area, ward, story] = await all(
        'language', 'kind', 'privacy', 'area', 'ward', 'story',
      );
      const receipt = await complaints.file({ sessionId, phone, language, kind, privacy, area, ward, story });
      menu.end(screens.sent(receipt));
    },
  });
  return menu;
}

const app = express();
app.use(express.urlencoded({ extended: false }));
app.post('/ussd', (request, response) => {
  const menu = makeMenu();
  menu.on('error', () => response.type('text/plain').send('END Sorry, something went wrong.'));
  menu.run(request.body, (text) => response.type('text/plain').send(text));
});

redis.connect().then(() => app.listen(Number(process.env.PORT), '127.0.0.1'));
