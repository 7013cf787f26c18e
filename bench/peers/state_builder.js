'use strict';
// The complaint journey on Express and ussd-state-builder 2.6.0 with its own RedisStorage, as its README shows it.

const express = require('express');
const { RedisStorage, Validators } = require('ussd-state-builder');
const { createApp } = require('ussd-state-builder/sdk');
const complaints = require('./complaints').open('ussd-state-builder');
const screens = require('./screens');

const SESSION_SECONDS = 900;

const oneOf = (last) => Validators.numeric({ min: 1, max: last });

const ussd = createApp()
  .storage(new RedisStorage({ url: process.env.REDIS_URL, keyPrefix: 'state-builder:' }))
  .timeout(SESSION_SECONDS)
  .logger(null)
  .state('lang', (s) => s.message(screens.lang).save('language').on('1').goto('menu').on('2').goto('menu'))
  .state('menu', (s) => s.message(screens.menu).on('1').goto('kind'))
  .state('kind', (s) => s.message(screens.kind).validate(oneOf(7)).save('kind').next('privacy'))
  .state('privacy', (s) => s.message(screens.privacy).validate(oneOf(3)).save('privacy').next('subcounty'))
  .state('subcounty', (s) => s.message(screens.subcounty).validate(oneOf(12)).save('area').next('ward'))
  .state('ward', (s) => s.message(screens.ward).validate(oneOf(7)).save('ward').next('story'))
  .state('story', (s) => s.message(screens.story).validate(Validators.minLength(2)).save('story').next('confirm'))
  .state('confirm', (s) =>
    s
      .run(async (input, sessionId, { sessionData: { kind, ward, story } }) => screens.confirm(kind, ward, story))
      .on('1')
      .goto('sent'),
  )
  .state('sent', (s) =>
    s
      .run(async (input, sessionId, { sessionData }) =>
        screens.sent(await complaints.file({ ...sessionData, sessionId, phone: sessionData.phoneNumber })),
      )
      .end(),
  )
  .start('lang')
  .build();

const app = express();
app.use(express.urlencoded({ extended: false }));
app.post('/ussd', async (request, response) => {
  const { sessionId, phoneNumber, text } = request.body;
  response.type('text/plain');
  try {
    if (!text) {
      await ussd.setSessionData(sessionId, { phoneNumber });
    }
    response.send(await ussd.processInput(sessionId, text.split('*').pop()));
  } catch (error) {
    response.send('END Sorry, something went wrong.');
  }
});

app.listen(Number(process.env.PORT), '127.0.0.1');
