-- The bills of an account, for the payments that are for them; a guest's bill has none.
CREATE INDEX bill_account ON bill (account) WHERE account IS NOT NULL;
