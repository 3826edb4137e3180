// SPDX-License-Identifier: Apache-2.0
import Billing
import Charging
import Digests
import Foundation
import JSONText
import Quantities
import Storage
import Testing
import Web

@Suite("API: meter data", .timeLimit(.minutes(1)))
struct APIMeterDataTests {
    private static let record = #"OCMF|{"FV":"1.0","RD":[{"RV":1.5}]}|{"SD":"3044<&>"}"#
    private static let key = "3059301306072a8648ce3d020106082a8648ce3d03010703420004"

    @Test(
        "a session's readings are exact, and its signed records come as they were carried, also as a container"
    )
    func meterData() async throws {
        let server = try await APIServer.shared()
        let (client, organisation) = try await server.tenant()
        let network = try await APINetwork(client, identity: "METER")
        let base64 = Base64.text(of: Array(Self.record.utf8))
        let nested = JSON.object([
            .init("signedMeterData", .string(base64)), .init("encodingMethod", "OCMF"),
        ]).text()
        let session = try await Self.session(
            server, organisation, network,
            frames: [
                // 1.6, plain; then the same in a JSON text of its own, as some stations write it.
                #"[2,"1","MeterValues",{"transactionId":1,"meterValue":[{"timestamp":"2027-01-15T08:00:00Z","sampledValue":"#
                    + #"[{"format":"SignedData","context":"Transaction.Begin","value":\#(JSON.string(Self.record).text())},"#
                    + #"{"value":"1500"}]}]}]"#,
                #"[2,"2","StopTransaction",{"transactionId":1,"transactionData":[{"timestamp":"2027-01-15T09:00:00Z","#
                    + #""sampledValue":[{"format":"SignedData","value":\#(JSON.string(nested).text())}]}]}]"#,
                // 2.x, with a format that nobody here reads.
                #"[2,"3","TransactionEvent",{"meterValue":[{"sampledValue":[{"value":1,"signedMeterValue":{"#
                    + #""signedMeterData":"AAECAw==","encodingMethod":"EDL40","signingMethod":"X","publicKey":"\#(Self.key)"}}]}]}]"#,
                #"not json, and "signedMeterData" in it"#,
            ])

        let shown = try await client.get("/v1/sessions/\(session)/meter_data")

        let readings = shown["readings"]?.array ?? []
        #expect(
            readings.map { "\($0["value"]?.string ?? "") \($0["unit"]?.string ?? "")" } == [
                "1000 Wh", "1234.567 Wh", "-0.5 W", "2500.25 Wh",
            ], "\(shown.text)")
        #expect(readings.first?["context"] == "Transaction.Begin")
        #expect(readings.last?["context"] == "Transaction.End")
        let records = shown["signed_records"]?.array ?? []
        #expect(records.map { $0["record"] } == [.string(Self.record), .string(Self.record), "AAECAw=="])
        #expect(records.map { $0["format"] } == ["OCMF", "OCMF", "EDL40"])
        #expect(records.map { $0["encoding"] } == ["plain", "plain", "base64"])
        #expect(records.first?["timestamp"] == "2027-01-15T08:00:00Z")
        #expect(records.last?["public_key"] == .string(Self.key))
        #expect(shown["withheld_records"] == [.string("sha256:" + String(repeating: "ab", count: 32))])

        let container = try await client.get("/v1/sessions/\(session)/meter_data?format=xml")
        #expect(container.headers["content-type"]?.hasPrefix("application/xml") == true)
        let plain = Self.record.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
            .replacing(">", with: "&gt;").replacing("\"", with: "&quot;")
        #expect(
            container.text.contains(
                "<value transactionId=\"7\" context=\"Transaction.Begin\"><signedData format=\"OCMF\" "
                    + "encoding=\"plain\" transactionId=\"7\">\(plain)</signedData></value>"),
            "\(container.text)")
        #expect(container.text.contains("<publicKey encoding=\"hex\">\(Self.key)</publicKey>"))
        #expect(
            XMLReader.texts(of: "signedData", in: container.text) == [Self.record, Self.record, "AAECAw=="])

        let stranger = try await server.tenant().client.get("/v1/sessions/\(session)/meter_data")
        #expect(stranger.status == 404)
        let wrong = try await client.get("/v1/sessions/\(session)/meter_data?format=csv")
        #expect(wrong.code == "invalid_field")
    }

    private static func session(
        _ server: APIServer, _ organisation: OrganisationID, _ network: APINetwork, frames: [String]
    ) async throws -> SessionID {
        let now = server.desk.clock.now
        let id: SessionID = server.desk.ids.new(at: now)
        let site = try #require(SiteID(network.site))
        let station = try #require(StationID(network.station["id"]?.string ?? ""))
        let evse = try #require(EVSEID(network.evse))
        let facts: [Fact.Kind] = [
            .started(register: Energy(wattHours: 1000)),
            .reading(Reading(.importRegister, value: 1_234_567)), .reading(Reading(.power, value: -500)),
            .state(.charging), .withheld(record: String(repeating: "ab", count: 32)),
            .ended(register: Energy(milliwattHours: 2_500_250), reason: nil),
        ]
        var row = SessionRecord(
            id: id, organisation: organisation, site: site, station: station, evse: evse, number: 7,
            status: .running, folded: SessionFixture.empty, energy: .zero, startedAt: now, lastFactAt: now,
            createdAt: now)
        row.signedFrames = Int64(frames.count)
        let session = row
        try await server.desk.store.transaction { tx in
            try tx.insert(session)
            for (index, kind) in facts.enumerated() {
                let fact = Fact(kind, measuredAt: now, receivedAt: now, order: Int64(index))
                _ = try tx.insert(fact, key: "\(index)", of: id, frame: nil)
            }
            for (index, text) in frames.enumerated() {
                try tx.keep(
                    FrameRecord(
                        id: server.desk.ids.new(at: now + .seconds(Int64(index))), station: station,
                        connection: server.desk.ids.new(at: now), ocppVersion: "1.6", direction: "in",
                        messageId: "\(index)", action: "MeterValues", body: Array(text.utf8), sha256: "",
                        state: "interpreted", findings: [], session: id,
                        receivedAt: now + .seconds(Int64(index))))
            }
        }
        return id
    }
}

/// The texts of the elements of a name, with what was escaped as it was.
private enum XMLReader {
    static func texts(of name: String, in document: String) -> [String] {
        var texts: [String] = []
        for part in document.components(separatedBy: "<\(name) ").dropFirst() {
            guard let start = part.range(of: ">"), let end = part.range(of: "</\(name)>") else { continue }
            let escaped = String(part[start.upperBound..<end.lowerBound])
            texts.append(
                escaped.replacing("&quot;", with: "\"").replacing("&gt;", with: ">")
                    .replacing("&lt;", with: "<").replacing("&amp;", with: "&"))
        }
        return texts
    }
}
