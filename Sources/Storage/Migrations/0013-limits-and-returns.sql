-- What a driver wants a session to end at besides its cost.
ALTER TABLE checkout ADD COLUMN limits {{json}};

-- Why its station was asked to stop a session.
ALTER TABLE session ADD COLUMN stop_cause TEXT;

-- How long an invoiced account may take to pay, where that is not as its organisation's others.
ALTER TABLE account ADD COLUMN payment_term_days BIGINT;

-- Where the gateway's page sends the driver back to, where it is neither a guest's page nor our own.
ALTER TABLE payment ADD COLUMN return_url TEXT;
