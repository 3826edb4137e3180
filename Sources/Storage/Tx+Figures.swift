// SPDX-License-Identifier: Apache-2.0

package import Quantities

extension Tx {
    /// How many rows of an organisation are in each state.
    package func statuses(of table: CountedTable, for organisation: OrganisationID) throws -> [(
        String, Int64
    )] {
        try rows(
            SQL(
                raw:
                    "SELECT status, COUNT(*) AS n FROM \(table.rawValue) WHERE organisation = $1 GROUP BY status ORDER BY status"
            ),
            [.text(organisation.text)]
        ).map { (try $0.text("status"), try $0.int("n")) }
    }

    /// How many attempts are in doubt, and since when the oldest is.
    package func doubts(of organisation: OrganisationID) throws -> (count: Int64, since: Instant?) {
        let row = try rows(
            "SELECT COUNT(*) AS n, MIN(sent_at) AS since FROM attempt WHERE organisation = $1 AND status = 'unknown'",
            [.text(organisation.text)])[0]
        return (try row.int("n"), try row.optionalInt("since").map { Instant(nanoseconds: $0) })
    }

    /// How many stations are connected, of how many.
    package func stationsOnline(of organisation: OrganisationID) throws -> (online: Int64, all: Int64) {
        let row = try rows(
            "SELECT COUNT(*) AS n, COUNT(connected_at) AS online FROM station WHERE organisation = $1",
            [.text(organisation.text)])[0]
        return (try row.int("online"), try row.int("n"))
    }

    /// What accounts whose name begins so took in or gave out on the days of a span, the end left out; debit positive.
    package func turnover(
        of prefix: String, for organisation: OrganisationID, from: CivilDate, to: CivilDate
    ) throws -> [(account: String, amount: Money)] {
        try rows(
            """
            SELECT e.account AS account, e.currency AS currency, CAST(SUM(e.amount) AS BIGINT) AS total
            FROM ledger_entry AS e JOIN ledger_transaction AS t ON t.id = e."transaction"
            WHERE e.organisation = $1 AND e.account LIKE $2 AND t.booked_on >= $3 AND t.booked_on < $4
            GROUP BY e.account, e.currency ORDER BY e.account, e.currency
            """,
            [
                .text(organisation.text), .text(prefix + "%"), .text(from.description), .text(to.description),
            ]
        ).compactMap { row in
            guard let currency = Currency(code: try row.text("currency")) else { return nil }
            return (
                try row.text("account"), Money(minorUnits: try row.int("total"), currency: currency)
            )
        }
    }
}

/// Tables whose rows have a status that is worth a figure.
package enum CountedTable: String, Sendable, CaseIterable {
    case bill, payment, session, refund
}
