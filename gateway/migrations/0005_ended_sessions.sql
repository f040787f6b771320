-- The sessions that ended last are listed by their end, and those of one moment by their number.

CREATE INDEX sessions_ended ON sessions (is_final, ended_at, session_id);
