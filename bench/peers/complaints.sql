-- What both peers write to; fsync is on, as for Baraza.
create table complaints (
  id bigint generated always as identity primary key,
  peer text not null,
  session_id text not null,
  phone text not null,
  language text not null,
  kind text not null,
  privacy text not null,
  area text not null,
  ward text not null,
  story text not null,
  receipt text not null unique,
  filed_at timestamptz not null default now()
);
create index on complaints (peer, phone);
