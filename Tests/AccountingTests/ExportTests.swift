// SPDX-License-Identifier: Apache-2.0

import Accounting
import Foundation
import Quantities
import Synchronization
import Testing

/// The journal in the words of other programs; hledger is the independent tool that adds it up again (I11).
@Suite("Journal export")
struct ExportTests {
    @Test("hledger accepts it and finds the same balances", .timeLimit(.minutes(1)))
    func hledger() async throws {
        guard let program = Self.hledgerPath else { return }
        let journal = try Self.everything()
        let text = Self.text(journal, as: .hledger)

        #expect(try await Self.run(program, ["-f-", "check", "--strict"], input: text).status == 0)

        let output = try await Self.run(
            program, ["-f-", "balance", "--flat", "--no-total", "-O", "csv", "--layout=bare"], input: text)
        let seen = Set(
            output.text.split(separator: "\n").dropFirst().map {
                $0.split(separator: ",").map { $0.filter { $0 != "\"" } }.joined(separator: " ")
            })
        let expected = Set(
            journal.trialBalance.map { "\($0.account) \($0.amount.currency) \($0.amount.decimal)" })
        #expect(seen == expected)
    }

    @Test("one cent of imbalance is found by hledger", .timeLimit(.minutes(1)))
    func imbalance() async throws {
        guard let program = Self.hledgerPath else { return }
        let text = Self.text(try Self.everything(), as: .hledger)
        let broken = text.replacing(
            "  Income:Energy  -15.44 EUR", with: "  Income:Energy  -15.43 EUR", maxReplacements: 1)
        #expect(broken != text)
        #expect(try await Self.run(program, ["-f-", "check"], input: broken).status != 0)
    }

    @Test("an undeclared account is found by hledger", .timeLimit(.minutes(1)))
    func undeclared() async throws {
        guard let program = Self.hledgerPath else { return }
        let text = Self.text(try Self.everything(), as: .hledger)
            .replacing("account Liabilities:Wallet\n", with: "")
        #expect(try await Self.run(program, ["-f-", "check", "--strict"], input: text).status != 0)
    }

    @Test("a text from outside stays inside its place")
    func texts() throws {
        let line = JournalLine(
            seq: 1, bookedOn: try #require(CivilDate(year: 2026, month: 3, day: 1)),
            template: "TopUpReceived",
            cause: "a\"b,c\\d\nP 2026-03-01 EUR 2 USD", id: "txn_1",
            entries: [("Assets:Clearing:A", .eur(1)), ("Liabilities:Wallet", .eur(-1))])

        #expect(
            JournalExport.hledger.text(of: line) == """
                2026-03-01 (1) TopUpReceived  ; cause:a"b,c\\d P 2026-03-01 EUR 2 USD, id:txn_1
                    Assets:Clearing:A  0.01 EUR
                    Liabilities:Wallet  -0.01 EUR


                """)
        #expect(JournalExport.beancount.text(of: line).contains(#"cause: "a\"b,c\\d"#))
        #expect(
            JournalExport.csv.text(of: line).hasPrefix(
                "1,2026-03-01,txn_1,TopUpReceived,\"a\"\"b,c\\d\nP 2026-03-01 EUR 2 USD\",Assets:Clearing:A,1,EUR\n"
            ))
    }

    // MARK: a journal with every currency exponent, and hledger

    private static let hledgerPath: String? = ["/usr/bin/hledger", "/usr/local/bin/hledger"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static func everything() throws -> Journal {
        var journal = Journal()
        let about = Dimensions()
        let owed = SessionOwed(
            incomes: [.init(.energy, .eur(15_44))],
            taxes: [.init(country: "DE", rate: TaxRate(percent: 19), amount: .eur(2_93))],
            session: SessionID(at: .epoch, random: 1))
        try journal.reserve(.holdPlaced(.eur(40_00), at: "sandbox", about: about), cause: "pay_1")
        journal.post(try owed.posting(), cause: "bil_1")
        try journal.postReserved(.eur(18_37), cause: "pay_1")
        journal.post(
            try .disputeOpened(.eur(18_37), fee: .eur(20_00), at: "sandbox", about: about), cause: "d")
        for currency: Currency in [.jpy, .kwd, .chf] {
            let amount = Money(minorUnits: 1_234_567, currency: currency)
            journal.post(try .topUpReceived(amount, at: "sandbox", about: about), cause: "top \(currency)")
        }
        journal.post(
            try .currencyExchanged(
                arrived: .eur(19_10), gone: Money(minorUnits: 18_37, currency: .chf), at: "sandbox",
                about: about), cause: "x")
        return journal
    }

    private static func text(_ journal: Journal, as format: JournalExport) -> String {
        let lines = journal.posted.enumerated().map { index, posted in
            JournalLine(
                seq: Int64(index + 1), bookedOn: CivilDate(daysSinceEpoch: 20_000 + Int64(index)),
                template: posted.posting.template, cause: posted.cause, id: "txn_\(index)",
                entries: posted.posting.transaction.entries.map { ($0.account.name, $0.amount) })
        }
        let entries = lines.flatMap(\.entries)
        let head = format.head(
            accounts: Set(entries.map(\.account)).sorted(),
            currencies: Set(entries.map(\.amount.currency)).sorted { $0.code < $1.code },
            openedOn: CivilDate(daysSinceEpoch: 20_000))
        return head + lines.map(format.text).joined()
    }

    /// Runs a program to its end, on a thread of its own: those that all tests share are few.
    private static func run(_ program: String, _ arguments: [String], input: String) async throws -> (
        status: Int32, text: String
    ) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try wait(for: program, arguments, input: input) })
            }
        }
    }

    /// Held while a pipe is made and a program is started: another that starts meanwhile would inherit the pipe.
    private static let starting = Mutex(())

    private static func wait(for program: String, _ arguments: [String], input: String) throws -> (
        status: Int32, text: String
    ) {
        let folder = FileManager.default.temporaryDirectory.appending(path: "amptill-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // what is left is only temporary
        let file = folder.appending(path: "export.journal")
        try Data(input.utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["-f", file.path()] + arguments.dropFirst()
        process.environment = ["LANG": "C.UTF-8", "HOME": folder.path()]
        process.standardError = FileHandle.nullDevice
        let output = try starting.withLock { _ in
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            return output
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
