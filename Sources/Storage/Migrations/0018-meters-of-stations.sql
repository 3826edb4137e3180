-- How an operator has said that a station's meter values are to be read; a session keeps what was valid when it began.
ALTER TABLE station ADD COLUMN meter {{json}};
ALTER TABLE session ADD COLUMN meter {{json}};
