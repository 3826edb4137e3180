// SPDX-License-Identifier: Apache-2.0

import Foundation
import Payments
import Quantities
import Testing

/// The declines in docs/specs/errors.md against what the gateways make of them.
@Suite("The list of declines")
struct DeclineListTests {
    private struct Row: Hashable {
        let gateway: String
        let code: String
        let advice: String
    }

    @Test("every decline that is listed is read as its row says, and no other is known")
    func list() throws {
        let listed = try Self.rows(under: "Declines").map { Row(gateway: $0[0], code: $0[1], advice: $0[2]) }
        let known = [
            ("Sandbox", SandboxGateway.advice), ("Stripe", StripeGateway.advice),
            ("Adyen", AdyenGateway.advice),
        ].flatMap { name, table in
            table.map { Row(gateway: name, code: $0.key, advice: $0.value.rawValue) }
        }
        let own = OwnDecline.allCases.map {
            Row(gateway: "Amptill", code: $0.rawValue, advice: $0.advice.rawValue)
        }

        #expect(Set(listed) == Set(known + own))
        #expect(listed.count == known.count + own.count)
        for row in listed where row.gateway != "Amptill" {
            #expect(
                Self.read(row)
                    == .declined(Decline(code: row.code, advice: try #require(.init(rawValue: row.advice)))),
                "\(row.gateway) \(row.code)")
        }
    }

    @Test("what we give back ourselves is never told as a bank's refusal, and two reasons never as one")
    func ownSentences() {
        let sentences = OwnDecline.allCases.map(\.decline.sentence)

        #expect(Set(sentences).count == OwnDecline.allCases.count)
        for sentence in sentences { #expect(!Decline.Advice.allCases.map(\.sentence).contains(sentence)) }
    }

    @Test("every advice is listed with what follows from it")
    func advice() throws {
        let listed = try Self.rows(under: "Advice").map { $0[0] }

        #expect(listed == Decline.Advice.allCases.map(\.rawValue))
    }

    /// What the gateway's own answer is understood as.
    private static func read(_ row: Row) -> Outcome? {
        let (gateway, status, body): (any Gateway, Int, String)
        switch row.gateway {
        case "Sandbox":
            (gateway, status, body) = (SandboxGateway(), 402, #"{"decline_code":"\#(row.code)"}"#)
        case "Stripe":
            (gateway, status, body) = (
                StripeGateway(), 402, #"{"error":{"type":"card_error","decline_code":"\#(row.code)"}}"#
            )
        case "Adyen":
            (gateway, status, body) = (
                AdyenGateway(), 200, #"{"resultCode":"Refused","refusalReasonCode":"\#(row.code)"}"#
            )
        default: return nil
        }
        return gateway.outcome(
            of: .chargeOffSession(.eur(4_30)),
            answer: GatewayAnswer(status: status, body: Array(body.utf8)), currency: .eur)
    }

    private static func rows(under heading: String) throws -> [[String]] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/specs/errors.md"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.drop { $0 != "## \(heading)" }.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
            .dropFirst(2).map { line in
                line.split(separator: "|").map {
                    $0.filter { $0 != "`" }.trimmingCharacters(in: .whitespaces)
                }
            }
    }
}
