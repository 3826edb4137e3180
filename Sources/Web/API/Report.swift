// SPDX-License-Identifier: Apache-2.0
import JSONText
import Quantities
import Storage

/// A table of the office: a header that is part of the contract, and rows. Money is minor units beside a currency.
struct Report: Sendable {
    /// The days it is about, UTC; the end is left out.
    struct Span: Sendable {
        let from: CivilDate
        let to: CivilDate

        init(from: CivilDate?, to: CivilDate?) {
            self.from = from ?? CivilDate(daysSinceEpoch: 0)
            self.to = to ?? CivilDate(daysSinceEpoch: 100_000)
        }

        var start: Instant { Instant(seconds: Int64(from.daysSinceEpoch) * 86_400) }
        var end: Instant { Instant(seconds: Int64(to.daysSinceEpoch) * 86_400) }
    }

    /// The columns and the rows.
    struct Table: Sendable {
        let header: [String]
        let rows: [[JSON]]

        /// RFC 4180: a header, lines that end in CR LF, fields with quotes where they need them.
        var csv: String {
            ([header] + rows.map { $0.map(Self.field) }).map { $0.joined(separator: ",") + "\r\n" }.joined()
        }

        /// One object for each row.
        var objects: [JSON] {
            rows.map { row in .object(zip(header, row).map { JSON.Member($0, $1) }) }
        }

        private static func field(_ value: JSON) -> String {
            switch value {
            case .null: return ""
            case .string(let text):
                // A cell that a spreadsheet would compute is given as text.
                let safe = text.first.map { "=+-@".contains($0) } == true ? "'" + text : text
                guard safe.contains(where: { ",\"\r\n".contains($0) }) else { return safe }
                return "\""
                    + safe.split(separator: "\"", omittingEmptySubsequences: false)
                    .joined(separator: "\"\"") + "\""
            default: return value.text()
            }
        }
    }

    typealias Maker = @Sendable (OrganisationID, Span, Tx) throws -> Table

    /// What there is.
    static let names = ["sessions", "payments", "refunds", "holds", "vat"]

    /// The maker of a table; nil for one that there is not.
    static func of(_ name: String) -> Maker? {
        switch name {
        case "sessions": sessions
        case "payments": payments
        case "refunds": refunds
        case "holds": holds
        case "vat": vat
        default: nil
        }
    }

    private static let sessions: Maker = { organisation, span, tx in
        let rows = try all(SessionRecord.self, organisation, span, by: "started_at", tx) { $0.id.text }
        return Table(
            header: [
                "session", "status", "site", "station", "evse", "account", "started_at", "ended_at",
                "energy_wh", "bill", "bill_status", "total_minor", "currency",
            ],
            rows: try rows.map { row in
                let bill = try row.bill.flatMap { try tx.find(BillRecord.self, $0) }
                return [
                    .id(row.id), .word(row.status), .id(row.site), .id(row.station), .id(row.evse),
                    .id(row.account), .time(row.startedAt), .time(row.endedAt), JSON(row.energy.wattHours),
                    .id(row.bill), .text(bill?.status), .integer(bill?.totalMinor),
                    .text(bill?.currency.code),
                ]
            })
    }

    private static let payments: Maker = { organisation, span, tx in
        let rows = try all(PaymentRecord.self, organisation, span, by: "created_at", tx) { $0.id.text }
        return Table(
            header: [
                "payment", "status", "purpose", "source", "bill", "wallet", "gateway_reference",
                "amount_minor", "captured_minor", "currency", "created_at", "captured_at", "released_at",
            ],
            rows: rows.map { row in
                [
                    .id(row.id), .string(row.status), .word(row.purpose), .word(row.source), .id(row.bill),
                    .id(row.wallet), .text(row.gatewayReference), JSON(row.amountMinor),
                    JSON(row.capturedMinor), .string(row.currency.code), .time(row.createdAt),
                    .time(row.capturedAt), .time(row.releasedAt),
                ]
            })
    }

    private static let refunds: Maker = { organisation, span, tx in
        let rows = try all(RefundRecord.self, organisation, span, by: "created_at", tx) { $0.id.text }
        return Table(
            header: [
                "refund", "status", "payment", "session", "credit_note", "amount_minor", "currency", "reason",
                "created_at", "succeeded_at",
            ],
            rows: rows.map { row in
                [
                    .id(row.id), .string(row.status), .id(row.payment), .id(row.session),
                    .text(row.creditNote), JSON(row.amountMinor), .string(row.currency.code),
                    .string(row.reason), .time(row.createdAt), .time(row.succeededAt),
                ]
            })
    }

    /// Money that is held now: authorised, not taken, not given back.
    private static let holds: Maker = { organisation, span, tx in
        let rows = try all(PaymentRecord.self, organisation, span, by: "created_at", tx) { $0.id.text }
        return Table(
            header: [
                "payment", "status", "source", "bill", "amount_minor", "currency", "authorized_at",
                "capture_before",
            ],
            rows: rows.filter { $0.authorizedAt != nil && $0.capturedAt == nil && $0.releasedAt == nil }
                .map { row in
                    [
                        .id(row.id), .string(row.status), .word(row.source), .id(row.bill),
                        JSON(row.amountMinor), .string(row.currency.code), .time(row.authorizedAt),
                        .time(row.captureBefore),
                    ]
                })
    }

    /// Net income and tax by ledger account, as booked; what we owe or earn is positive.
    private static let vat: Maker = { organisation, span, tx in
        let found = try ["Income:", "Liabilities:Tax:"].flatMap {
            try tx.turnover(of: $0, for: organisation, from: span.from, to: span.to)
        }
        return Table(
            header: ["account", "amount_minor", "currency"],
            rows: found.map {
                [.string($0.account), JSON((-$0.amount).minorUnits), .string($0.amount.currency.code)]
            })
    }

    /// Every row of a span, oldest last as in all lists.
    private static func all<R: OwnedRecord>(
        _ type: R.Type, _ organisation: OrganisationID, _ span: Span, by column: Column, _ tx: Tx,
        id: (R) -> String
    ) throws -> [R] {
        var filter = ListFilter()
        (filter.limit, filter.from[column], filter.to[column]) = (200, span.start, span.end)
        var rows: [R] = []
        while true {
            let (page, hasMore) = try tx.page(of: type, for: organisation, filter)
            rows += page
            guard hasMore, let last = page.last else { return rows }
            filter.after = id(last)
        }
    }
}
