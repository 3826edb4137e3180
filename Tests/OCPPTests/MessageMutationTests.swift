// SPDX-License-Identifier: Apache-2.0
import JSONText
import OCPP
import Testing

@Suite("Messages under damage")
struct MessageMutationTests {
    private static let frames = [
        #"[2,"1","StartTransaction",{"connectorId":1,"idTag":"TAG","meterStart":12,"timestamp":"2026-11-24T12:00:00Z"}]"#,
        #"[2,"2","StopTransaction",{"transactionId":9,"meterStop":99,"timestamp":"2026-11-24T12:00:00.5+01:00","transactionData":[{"timestamp":"2026-11-24T12:00:00Z","sampledValue":[{"value":"1.5e3","unit":"kWh","phase":"L1"}]}]}]"#,
        #"[2,"3","TransactionEvent",{"eventType":"Updated","timestamp":"2026-11-24T12:00:00Z","triggerReason":"Trigger","seqNo":3,"transactionInfo":{"transactionId":"T"},"meterValue":[{"timestamp":"2026-11-24T12:00:00Z","sampledValue":[{"value":1.25,"unitOfMeasure":{"unit":"kWh","multiplier":2},"signedMeterValue":{"signedMeterData":"QQ=="}}]}],"evse":{"id":1},"idToken":{"idToken":"a","type":"Central"}}]"#,
        #"[2,"4","GetCertificateChainStatus",{"certificateStatusRequests":[{"certificateHashData":{},"source":"OCSP"}]}]"#,
        #"[2,"5","NotifyReport",{"requestId":1,"generatedAt":"x","seqNo":0,"reportData":[{"component":{"name":"a"},"variable":{"name":"b"},"variableAttribute":[{"value":"c"}]}]}]"#,
    ]

    @Test("no bytes stop the reading of frames and messages", .timeLimit(.minutes(5)))
    func mutation() async {
        let seed: UInt64 = 1606
        var random = SplitMix64(seed: seed)
        var calls = 0
        for _ in 0..<3_000 {
            await Task.yield()
            var bytes = Array((Self.frames.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) { Self.damage(&bytes, using: &random) }
            for version in OCPPVersion.allCases {
                guard case .frame(.call(_, let action, let payload), _) = Frame.read(bytes, version: version)
                else { continue }
                calls += 1
                Self.readAll(action, payload, version)
            }
        }
        // The damage leaves enough alone for the messages themselves to be read.
        #expect(calls > 1_500, "seed \(seed)")
    }

    /// Reads the payload as every message, whatever it calls itself.
    private static func readAll(_ action: String, _ payload: JSON, _ version: OCPPVersion) {
        _ = V16.StartTransaction.decode(payload, version: version)
        for value in V16.StopTransaction.decode(payload, version: version).message.transactionData {
            for sample in value.samples {
                _ = (sample.milliwattHours, sample.milliwatts, sample.microamperes)
            }
        }
        _ = V16.StatusNotification.decode(payload, version: version)
        _ = V201.TransactionEvent.decode(payload, version: version).findings.map(\.description)
        _ = V201.NotifyReport.decode(payload, version: version)
        _ = V201.BootNotification.decode(payload, version: version).refusal
        _ = StandardAnswer.payload(to: action, payload, in: version, atNanoseconds: 0)
    }

    private static func damage(_ bytes: inout [UInt8], using random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: bytes.indices, using: &random)
        let telling = Array(#"{}[]",:-+.eE0199TZ"#.utf8)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random)
        case 1: bytes[place] = telling.randomElement(using: &random) ?? 0
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(telling.randomElement(using: &random) ?? 0, at: place)
        default:
            // One digit becomes many: numbers beyond all bounds.
            let digits = Array(repeating: UInt8(ascii: "9"), count: Int.random(in: 1...70, using: &random))
            bytes.insert(contentsOf: digits, at: place)
        }
    }
}
