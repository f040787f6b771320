-- What a ticket allows can change while it is used: the ceiling last told, and the number of that update.
-- The counter of accounts grows with every change of an account or a sign-in, so that a gateway notices what the command line did.

ALTER TABLE tickets ADD COLUMN ceiling TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN update_number BIGINT NOT NULL DEFAULT 0;
UPDATE tickets SET update_number = 1 WHERE ended_at IS NOT NULL;
INSERT INTO counters (name, value) VALUES ('accounts', 0);
