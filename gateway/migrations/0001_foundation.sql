-- The foundation: organisation, people, permissions, codes, sessions and the one log they are projected from.
-- Only BIGINT, TEXT and DOUBLE PRECISION, so that SQLite and PostgreSQL run the same file. Times are UTC milliseconds, yes is 1, hashes
-- and keys are hex, JSON is text.

CREATE TABLE counters (
  name TEXT NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('member', 0);
INSERT INTO counters (name, value) VALUES ('group', 0);
INSERT INTO counters (name, value) VALUES ('session', 0);
INSERT INTO counters (name, value) VALUES ('event', 0);
INSERT INTO counters (name, value) VALUES ('audit', 0);
INSERT INTO counters (name, value) VALUES ('heartbeat', 0);

CREATE TABLE organisation (
  organisation_id BIGINT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE technician_groups (
  group_id BIGINT NOT NULL PRIMARY KEY,
  parent_id BIGINT REFERENCES technician_groups (group_id),
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE members (
  member_id BIGINT NOT NULL PRIMARY KEY,
  group_id BIGINT NOT NULL REFERENCES technician_groups (group_id),
  role TEXT NOT NULL,
  email TEXT NOT NULL,
  email_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  nickname TEXT,
  password_hash TEXT NOT NULL,
  password_changed_at BIGINT NOT NULL,
  disabled BIGINT NOT NULL,
  max_active_sessions BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE group_permissions (
  group_id BIGINT NOT NULL REFERENCES technician_groups (group_id),
  permission TEXT NOT NULL,
  is_on BIGINT NOT NULL,
  locked BIGINT NOT NULL,
  PRIMARY KEY (group_id, permission)
);

-- scope is 'organisation' or 'group'; a group without a row follows its parent, the root follows the built-in value.
CREATE TABLE settings (
  scope TEXT NOT NULL,
  scope_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (scope, scope_id, name)
);

CREATE TABLE tokens (
  token_hash TEXT NOT NULL PRIMARY KEY,
  member_id BIGINT NOT NULL REFERENCES members (member_id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX tokens_of_member ON tokens (member_id);

CREATE TABLE sessions (
  session_id BIGINT NOT NULL PRIMARY KEY,
  revision BIGINT NOT NULL,
  issued_by BIGINT NOT NULL REFERENCES members (member_id),
  group_id BIGINT NOT NULL REFERENCES technician_groups (group_id),
  name TEXT NOT NULL,
  fields TEXT NOT NULL,
  comment TEXT NOT NULL,
  auto_start BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  status TEXT,
  state TEXT,
  since BIGINT NOT NULL,
  timer_since BIGINT NOT NULL,
  is_final BIGINT NOT NULL,
  ended_at BIGINT,
  class TEXT,
  lead BIGINT,
  applet_key TEXT,
  credential_hash TEXT UNIQUE,
  platform TEXT,
  device TEXT,
  applet_version TEXT,
  reachable TEXT,
  connecting_minutes BIGINT NOT NULL,
  waiting_minutes BIGINT NOT NULL,
  idle_minutes BIGINT NOT NULL,
  last_action_at BIGINT NOT NULL,
  link_lost_at BIGINT,
  console_gone_at BIGINT,
  next_due BIGINT
);
CREATE INDEX sessions_open ON sessions (is_final, next_due);
CREATE INDEX sessions_of_issuer ON sessions (issued_by, is_final);
CREATE INDEX sessions_of_lead ON sessions (lead, is_final);

-- open_key repeats code_hash while the code is open, and so keeps open codes unique; it is cleared once the code is used or has expired.
CREATE TABLE codes (
  code_hash TEXT NOT NULL,
  open_key TEXT UNIQUE,
  session_id BIGINT NOT NULL REFERENCES sessions (session_id),
  kind TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (code_hash, session_id)
);
CREATE INDEX codes_of_session ON codes (session_id);

CREATE TABLE session_legs (
  session_id BIGINT NOT NULL REFERENCES sessions (session_id),
  leg_no BIGINT NOT NULL,
  party TEXT NOT NULL,
  member_id BIGINT,
  status TEXT NOT NULL,
  is_open BIGINT NOT NULL,
  PRIMARY KEY (session_id, leg_no)
);
CREATE INDEX session_legs_of_member ON session_legs (member_id, is_open);

CREATE TABLE tickets (
  ticket_id TEXT NOT NULL PRIMARY KEY,
  session_id BIGINT NOT NULL REFERENCES sessions (session_id),
  member_id BIGINT NOT NULL REFERENCES members (member_id),
  viewer_key TEXT NOT NULL,
  viewer_address TEXT NOT NULL,
  signed TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL
);
CREATE INDEX tickets_of_session ON tickets (session_id, viewer_key);

-- The log. Everything about sessions that can be asked later is derived from it.
CREATE TABLE events (
  event_id BIGINT NOT NULL PRIMARY KEY,
  session_id BIGINT NOT NULL REFERENCES sessions (session_id),
  origin TEXT NOT NULL,
  seq BIGINT NOT NULL,
  occurred_at BIGINT NOT NULL,
  stored_at BIGINT NOT NULL,
  prev TEXT NOT NULL,
  hash TEXT NOT NULL,
  kind TEXT NOT NULL,
  actor TEXT NOT NULL,
  detail TEXT NOT NULL,
  UNIQUE (session_id, origin, seq)
);
CREATE INDEX events_of_session ON events (session_id, event_id);

CREATE TABLE audit_log (
  audit_id BIGINT NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  member_id BIGINT,
  action TEXT NOT NULL,
  target TEXT NOT NULL,
  address TEXT NOT NULL
);

-- Failed sign-ins by account and address.
CREATE TABLE limits (
  name TEXT NOT NULL PRIMARY KEY,
  hits BIGINT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL
);
