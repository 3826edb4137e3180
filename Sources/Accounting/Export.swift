// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// A journal line for export: one transaction with its entries.
package struct JournalLine: Hashable, Sendable {
    package var seq: Int64
    package var bookedOn: CivilDate
    package var template: String
    package var cause: String
    package var id: String
    package var entries: [(account: String, amount: Money)] { zip(accounts, amounts).map { ($0, $1) } }
    private let accounts: [String]
    private let amounts: [Money]

    package init(
        seq: Int64, bookedOn: CivilDate, template: String, cause: String, id: String,
        entries: [(account: String, amount: Money)]
    ) {
        self.seq = seq
        self.bookedOn = bookedOn
        self.template = template
        self.cause = cause
        self.id = id
        accounts = entries.map(\.account)
        amounts = entries.map(\.amount)
    }
}

/// The journal in the words of other programs. Amounts are written from integers.
package enum JournalExport: String, CaseIterable, Sendable {
    case hledger, beancount, csv

    /// What comes before the lines: every account and currency is declared, so that strict checks can be run.
    package func head(accounts: [String], currencies: [Currency], openedOn: CivilDate) -> String {
        switch self {
        case .hledger:
            let commodities = currencies.map { currency in
                let zero = Money(minorUnits: 1000 * currency.minorUnitsPerMajor, currency: currency).decimal
                return "commodity \(currency.exponent == 0 ? zero + "." : zero) \(currency)\n"
            }
            let types = accounts.map { "account \($0)\n" }
            return commodities.joined() + types.joined() + "\n"
        case .beancount:
            return accounts.map { "\(openedOn) open \($0)\n" }.joined() + "\n"
        case .csv:
            return "seq,booked_on,id,template,cause,account,amount_minor,currency\n"
        }
    }

    /// One transaction.
    package func text(of line: JournalLine) -> String {
        switch self {
        case .hledger:
            // A cause may come from outside; in a comment only the end of the line would end it.
            let cause = String(line.cause.map { $0.isNewline ? " " : $0 })
            let head = "\(line.bookedOn) (\(line.seq)) \(line.template)  ; cause:\(cause), id:\(line.id)\n"
            return head + line.entries.map { "    \($0.account)  \($0.amount)\n" }.joined() + "\n"
        case .beancount:
            let cause = line.cause.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
            let head =
                "\(line.bookedOn) * \"\(line.template)\"\n  cause: \"\(cause)\"\n  id: \"\(line.id)\"\n"
            return head + line.entries.map { "  \($0.account)  \($0.amount)\n" }.joined() + "\n"
        case .csv:
            let cause = Self.cell(line.cause)
            return line.entries.map { entry in
                "\(line.seq),\(line.bookedOn),\(line.id),\(line.template),\(cause),\(entry.account),\(entry.amount.minorUnits),\(entry.amount.currency)\n"
            }.joined()
        }
    }

    /// A cell of a table (RFC 4180): quoted when it must be.
    private static func cell(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
    }
}
