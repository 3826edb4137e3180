// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSONText
import OCPP
import Testing

@Suite("The catalogue of messages")
struct CatalogueTests {
    @Test("a call of a station is expected, not supported or not implemented")
    func verdicts() {
        #expect(Catalogue.verdict(on: "Heartbeat", in: .v16) == .expected(.read))
        #expect(Catalogue.verdict(on: "SignCertificate", in: .v201) == .expected(.declined))
        #expect(Catalogue.verdict(on: "RemoteStartTransaction", in: .v16) == .notSupported)
        #expect(Catalogue.verdict(on: "RemoteStartTransaction", in: .v201) == .notImplemented)
        #expect(Catalogue.verdict(on: "NotifySettlement", in: .v201) == .notImplemented)
        #expect(Catalogue.verdict(on: "NotifySettlement", in: .v21) == .expected(.read))
        #expect(Catalogue.verdict(on: "heartbeat", in: .v16) == .notImplemented)
    }

    @Test("no message is listed twice", arguments: OCPPVersion.allCases)
    func once(version: OCPPVersion) {
        let actions = Catalogue.entries(of: version).map(\.action)

        #expect(Set(actions).count == actions.count)
    }

    @Test("every call of a station has an answer: its own or a standard one", arguments: OCPPVersion.allCases)
    func answered(version: OCPPVersion) {
        // These are answered by whoever decides; the others need nothing but the catalogue.
        let own: Set = [
            "Authorize", "BootNotification", "Heartbeat", "StartTransaction", "StopTransaction",
            "TransactionEvent",
            // Answered only if it names certificates: their hashes go back in the answer.
            "GetCertificateChainStatus",
        ]
        for entry in Catalogue.entries(of: version) where entry.sender != .us {
            let answer = StandardAnswer.payload(to: entry.action, [:], in: version, atNanoseconds: 0)
            #expect((answer == nil) == own.contains(entry.action), "\(entry.action)")
        }
    }

    @Test("the tables of docs/specs say what the catalogue says", arguments: OCPPVersion.allCases)
    func documented(version: OCPPVersion) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appending(path: "docs/specs/ocpp-\(version.rawValue).md"), encoding: .utf8)

        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map { line in
            line.split(separator: "|").prefix(3).map { $0.trimmingCharacters(in: .whitespaces) }
        }

        let expected = Catalogue.entries(of: version).map {
            ["`\($0.action)`", $0.sender.rawValue, $0.handling.rawValue]
        }
        #expect(rows == expected)
    }
}
