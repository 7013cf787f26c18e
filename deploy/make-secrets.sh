#!/bin/sh
# Writes the secrets that compose.yaml asks for, beside this file, for their owner only. It never overwrites one:
# a lost sealing key cannot be made again, and what was sealed under it is lost with it.
set -eu
cd "$(dirname "$0")"
umask 077

for file in application owner postgres valkey; do
    if [ -e "$file.env" ]; then
        echo "deploy/$file.env is there already; nothing was written." >&2
        exit 1
    fi
done

key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }
word() { key | tr '+/' '-_' | tr -d '='; }

application=$(word)
owner=$(word)
valkey=$(word)

cat >application.env <<EOF
BARAZA_DATABASE_URL=postgresql://baraza_app:$application@postgres:5432/baraza
BARAZA_REDIS_URL=redis://:$valkey@valkey:6379/0
BARAZA_PACK=kakamega
BARAZA_FILES=/files
BARAZA_CALLBACK_SECRETS=$(word)
BARAZA_SEALING_KEYS=1:$(key)
BARAZA_LOOKUP_KEY=$(key)
BARAZA_AFRICASTALKING_USERNAME=sandbox
BARAZA_AFRICASTALKING_API_KEY=
BARAZA_AFRICASTALKING_FROM=
EOF
cat >owner.env <<EOF
BARAZA_MIGRATION_DATABASE_URL=postgresql://baraza_owner:$owner@postgres:5432/baraza
EOF
cat >postgres.env <<EOF
POSTGRES_PASSWORD=$(word)
OWNER_PASSWORD=$owner
APPLICATION_PASSWORD=$application
EOF
cat >valkey.env <<EOF
VALKEY_PASSWORD=$valkey
EOF
echo "Written: application.env, owner.env, postgres.env, valkey.env. Now fill in the account at Africa's Talking in"
echo "application.env, and keep a copy of BARAZA_SEALING_KEYS and BARAZA_LOOKUP_KEY away from this machine."
