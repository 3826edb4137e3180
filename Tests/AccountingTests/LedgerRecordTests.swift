// SPDX-License-Identifier: Apache-2.0

import Accounting
import Digests
import Quantities
import Testing

@Suite("Ledger record")
struct LedgerRecordTests {
    @Test("its canonical form has sorted keys, integers and plain texts, and never changes")
    func canonical() throws {
        let text = String(decoding: try record(cause: "bil_1").canonicalJSON, as: UTF8.self)
        #expect(
            text == """
                {"actor":"server","booked_on":"2026-03-29","cause":"bil_1","entries":[\
                {"account":"Assets:Receivable:Session","amount":1837,"currency":"EUR"},\
                {"account":"Income:Energy","amount":-1544,"currency":"EUR"},\
                {"account":"Liabilities:Tax:VAT-DE-19","amount":-293,"currency":"EUR"}],\
                "id":"\(id)","occurred_at":1790000000000000000,"recorded_at":1790000001000000000,\
                "seq":7,"session":"\(session)","template":"SessionOwed"}
                """)
    }

    @Test("texts from outside are escaped, so that two records never have the same form")
    func escaped() throws {
        let text = String(decoding: try record(cause: "a\"b\\c\n\u{1}é").canonicalJSON, as: UTF8.self)
        #expect(text.contains(#""cause":"a\"b\\c\n\u0001é""#))
    }

    @Test("I12: the chain depends on every record and on their order")
    func chain() throws {
        let records = try ["a", "b", "c"].map { try record(cause: $0).canonicalJSON }
        func head(_ records: [[UInt8]]) -> String {
            records.reduce(ChainLink.genesis) { ChainLink.hash(previous: $0, record: $1) }
        }
        #expect(head(records) == head(records))
        #expect(head(records) != head([records[1], records[0], records[2]]))
        #expect(head(records) != head(Array(records.dropLast())))
        var changed = records
        changed[0][20] ^= 1
        #expect(head(records) != head(changed))
        #expect(
            ChainLink.hash(previous: ChainLink.genesis, record: records[0])
                == SHA256Digest.text(of: Array(ChainLink.genesis.utf8) + records[0]))
    }

    private let id = TransactionID(at: Instant(seconds: 1_790_000_000), random: 5)
    private let session = SessionID(at: Instant(seconds: 1_790_000_000), random: 1)

    private func record(cause: String) throws -> LedgerRecord {
        let owed = SessionOwed(
            incomes: [.init(.energy, .eur(15_44))],
            taxes: [.init(country: "DE", rate: TaxRate(percent: 19), amount: .eur(2_93))], session: session)
        return LedgerRecord(
            id: id, seq: 7, posting: try owed.posting(), cause: cause, actor: "server",
            times: LedgerRecord.Times(
                occurredAt: Instant(seconds: 1_790_000_000),
                bookedOn: try #require(CivilDate(year: 2026, month: 3, day: 29)),
                recordedAt: Instant(seconds: 1_790_000_001)))
    }
}
