// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A month of the books that is closed; written once.
package struct PeriodRecord: Record, Hashable {
    package static let table = "ledger_period"

    package let organisation: OrganisationID
    /// `2027-03`.
    package let month: String
    package let closedBy: String
    package let closedAt: Instant

    package init(organisation: OrganisationID, month: String, closedBy: String, closedAt: Instant) {
        self.organisation = organisation
        self.month = month
        self.closedBy = closedBy
        self.closedAt = closedAt
    }
}

extension PeriodRecord: ToldRecord {
    package var subject: String { "\(organisation):\(month)" }
    package var tellingVersion: Int64 { 1 }

    package var picture: Picture {
        ["month": .text(month), "closed_by": .text(closedBy), "closed_at": .time(closedAt)]
    }

    package func news(since before: PeriodRecord?) -> [News] { before == nil ? [News(.periodClosed)] : [] }
}

extension Tx {
    /// The closed month that a day lies in, if it is closed.
    package func closedPeriod(_ month: String, of organisation: OrganisationID) throws -> PeriodRecord? {
        try all(
            PeriodRecord.self, where: "organisation = $1 AND month = $2",
            [.text(organisation.text), .text(month)]
        ).first
    }

    /// How many sessions that started in a span are not final yet.
    package func unfinishedSessions(
        of organisation: OrganisationID, from: Instant, to: Instant
    ) throws -> Int64 {
        try count(
            SessionRecord.self,
            where: "organisation = $1 AND started_at >= $2 AND started_at < $3 AND final_at IS NULL",
            [.text(organisation.text), .int(from.nanoseconds), .int(to.nanoseconds)])
    }

    /// The transaction that takes another one back, if there is one.
    package func reversal(of transaction: TransactionID) throws -> TransactionRow? {
        try all(TransactionRow.self, where: "reverses = $1", [.text(transaction.text)]).first
    }
}
