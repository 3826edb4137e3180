-- What a station said of its settings, by key; read at each boot. NULL until it was asked.
ALTER TABLE station ADD COLUMN configuration {{json}};
