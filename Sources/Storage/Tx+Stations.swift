// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Tx {
    /// The station with this OCPP identity, compared exactly (OCPP-J §3.1).
    package func station(identity: String) throws -> StationRecord? {
        try all(StationRecord.self, where: "ocpp_identity = $1", [.text(identity)]).first
    }

    /// The EVSE of a station by its number.
    package func evse(number: Int64, of station: StationID) throws -> EVSERecord? {
        try all(Lookup<EVSERecord>.evse(number: number, of: station)).first
    }

    /// The EVSEs of a station, by number.
    package func evses(of station: StationID) throws -> [EVSERecord] {
        try all(EVSERecord.self, where: "station = $1", [.text(station.text)], orderBy: "number")
    }

    /// The EVSE whose code is printed on it.
    package func evse(code: String) throws -> EVSERecord? {
        try all(EVSERecord.self, where: "evse_code = $1", [.text(code)]).first
    }

    /// The token of an organisation by its folded text (C23).
    package func token(folded: String, of organisation: OrganisationID) throws -> TokenRecord? {
        try all(
            TokenRecord.self, where: "organisation = $1 AND folded = $2",
            [.text(organisation.text), .text(folded)]
        ).first
    }

    /// The token that is known by a folded text: its own, or one that a person confirmed for it.
    package func token(knownAs folded: String, of organisation: OrganisationID) throws -> TokenRecord? {
        try token(.known(as: folded, of: organisation), folded)
    }

    /// The same for the organisation that a station belongs to.
    package func token(knownAs folded: String, at station: StationID) throws -> TokenRecord? {
        try token(.known(as: folded, at: station), folded)
    }

    private func token(_ lookup: Lookup<TokenRecord>, _ folded: String) throws -> TokenRecord? {
        let known = try all(lookup)
        return known.first { $0.folded == folded } ?? known.first
    }

    /// The other texts of a token.
    package func aliases(of token: TokenID) throws -> [TokenAliasRecord] {
        try all(TokenAliasRecord.self, where: "token = $1", [.text(token.text)], orderBy: "folded")
    }

    /// Forgets an alias; says whether there was one.
    package func removeAlias(_ folded: String, of token: TokenID) throws -> Bool {
        try delete(
            TokenAliasRecord.self, where: "token = $1 AND folded = $2", [.text(token.text), .text(folded)])
            > 0
    }

    /// The wallets of an account, oldest first.
    package func wallets(of account: AccountID) throws -> [WalletRecord] {
        try all(WalletRecord.self, where: "account = $1", [.text(account.text)], orderBy: "created_at, id")
    }

    /// Notes that a station nobody knows has knocked; at most 1,000 are remembered, the oldest go first.
    package func noteWaiting(
        _ knock: (identity: String, address: String, offered: String, hasPassword: Bool), at now: Instant
    ) throws {
        _ = try run(
            """
            INSERT INTO station_waiting (identity, address, offered, has_password, first_seen_at, last_seen_at, count)
            VALUES ($1, $2, $3, $4, $5, $5, 1)
            ON CONFLICT (identity) DO UPDATE SET address = excluded.address, offered = excluded.offered,
                has_password = excluded.has_password, last_seen_at = excluded.last_seen_at,
                count = station_waiting.count + 1
            """,
            [
                .text(knock.identity), .text(knock.address), .text(knock.offered), .bool(knock.hasPassword),
                .int(now.nanoseconds),
            ])
        _ = try run(
            """
            DELETE FROM station_waiting WHERE identity NOT IN (
                SELECT identity FROM station_waiting ORDER BY last_seen_at DESC, identity LIMIT 1000)
            """, [])
    }

    /// The version of a tariff that is valid at an instant: the newest published one that has started (D27).
    package func tariffVersion(of tariff: TariffID, at instant: Instant) throws -> TariffVersionRecord? {
        try all(
            TariffVersionRecord.self,
            where: "tariff = $1 AND published_at IS NOT NULL AND starts_at <= $2",
            [.text(tariff.text), .int(instant.nanoseconds)], orderBy: "starts_at DESC, number DESC", limit: 1
        ).first
    }
}

extension Tx {
    /// The stations of an organisation, by identity.
    package func stations(of organisation: OrganisationID, limit: Int) throws -> [StationRecord] {
        try all(
            StationRecord.self, where: "organisation = $1", [.text(organisation.text)],
            orderBy: "ocpp_identity",
            limit: limit)
    }

    /// What a station was asked to do, newest first.
    package func commands(at station: StationID, limit: Int) throws -> [CommandRecord] {
        try all(
            CommandRecord.self, where: "station = $1", [.text(station.text)], orderBy: "id DESC", limit: limit
        )
    }
}
