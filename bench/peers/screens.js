'use strict';
// The screens of the complaint journey as Baraza shows them in English, so that all systems send the same letters.

exports.lang = 'Karibu! Welcome!\nBaraza, Kaunti ya Kakamega\nChagua lugha / Choose language\n1. English\n2. Kiswahili';

exports.menu =
  'Baraza, Kakamega County\n1. Make a complaint\n2. Ask for information\n3. My cases\n4. County promises\n' +
  '5. Settings and help';

exports.kind =
  'What went wrong?\n1. Delay or no reply\n2. Poor service\n3. Unfair or rude\n4. Abuse of power\n5. Bribe asked\n' +
  '6. Someone in danger\n7. Other\n0. Back';

exports.privacy =
  'Who may know your phone number?\n1. Ombudsman only, SMS me\n2. Ombudsman only, no SMS\n3. My number is not kept\n' +
  '4. What does this mean?\n0. Back';

exports.subcounty =
  'Sub-county?\n1.Lugari\n2.Likuyani\n3.Malava\n4.Lurambi\n5.Navakholo\n6.Mumias West\n7.Mumias East\n8.Matungu\n' +
  '9.Butere\n10.Khwisero\n11.Shinyalu\n12.Ikolomani\n0.Back';

exports.ward =
  'Where in Lurambi?\n1. Butsotso East\n2. Butsotso South\n3. Butsotso Central\n4. Sheywe\n5. Mahiakalo\n6. Shirere\n' +
  '7. Not sure\n0. Back';

exports.story =
  'Tell us what happened: which office, when, and what you want done. You can add more after this. ' +
  'Your name is not needed.\n0. Back';

const KINDS = {
  1: 'Delay or no reply',
  2: 'Poor service',
  3: 'Unfair or rude',
  4: 'Abuse of power',
  5: 'Bribe asked',
  6: 'Someone in danger',
  7: 'Other',
};

const WARDS = {
  1: 'Butsotso East',
  2: 'Butsotso South',
  3: 'Butsotso Central',
  4: 'Sheywe',
  5: 'Mahiakalo',
  6: 'Shirere',
  7: 'Not sure',
};

exports.confirm = (kind, ward, story) =>
  `Check before you send:\n${KINDS[kind]}\n${WARDS[ward]}\n"${story}"\n1. Send\n2. Add more\n3. Change\n0. Back`;

exports.sent = (receipt) =>
  `Thank you. The Ombudsman has your complaint.\nReceipt: ${receipt}\n` +
  'We will also send it by SMS. To follow it, dial *384*1#';
