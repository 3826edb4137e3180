// SPDX-License-Identifier: Apache-2.0

package import Accounting
package import Quantities
import Storage

/// The journal of an organisation as the text of another bookkeeping program.
package struct ExportJournal: Sendable {
    let desk: Desk

    package init(desk: Desk) { self.desk = desk }

    /// All posted transactions, oldest first; pending ones are no bookings and are left out. Amounts come from integers.
    package func callAsFunction(
        _ organisation: OrganisationID, as format: JournalExport, from: CivilDate? = nil, to: CivilDate? = nil
    ) async throws -> String {
        try await desk.store.read { tx in
            var body = ""
            var accounts: Set<String> = []
            var currencies: Set<Currency> = []
            var openedOn: CivilDate?
            try tx.forEachLedgerRecord(of: organisation) { record in
                if let from, record.bookedOn < from { return }
                if let to, record.bookedOn >= to { return }
                let entries = try tx.entries(of: record.id)
                accounts.formUnion(entries.map(\.account))
                currencies.formUnion(entries.map(\.currency))
                openedOn = min(openedOn ?? record.bookedOn, record.bookedOn)
                body += format.text(
                    of: JournalLine(
                        seq: record.seq, bookedOn: record.bookedOn, template: record.template,
                        cause: record.cause,
                        id: record.id.text,
                        entries: entries.map {
                            ($0.account, Money(minorUnits: $0.amount, currency: $0.currency))
                        }))
            }
            let head = format.head(
                accounts: accounts.sorted(), currencies: currencies.sorted { $0.code < $1.code },
                openedOn: openedOn ?? CivilDate(daysSinceEpoch: 0))
            return head + body
        }
    }
}
