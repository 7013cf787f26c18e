'use strict';
// Where both peers keep a complaint: one row, one prepared statement, committed before it is answered.

const { randomInt } = require('node:crypto');
const { Pool } = require('pg');

const INSERT = {
  name: 'insert-complaint',
  text:
    'insert into complaints (peer, session_id, phone, language, kind, privacy, area, ward, story, receipt) ' +
    'values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
};

exports.open = (peer) => {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 8 });
  return {
    async file({ sessionId, phone, language, kind, privacy, area, ward, story }) {
      const receipt = String(randomInt(1e10, 1e11));
      const values = [peer, sessionId, phone, language, kind, privacy, area, ward, story, receipt];
      await pool.query({ ...INSERT, values });
      return `${receipt.slice(0, 4)}-${receipt.slice(4, 7)}-${receipt.slice(7)}`;
    },
  };
};
