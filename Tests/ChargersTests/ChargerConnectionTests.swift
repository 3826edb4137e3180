// SPDX-License-Identifier: Apache-2.0
import Billing
import Chargers
import Charging
import Digests
import JSONText
import OCPP
import Quantities
import Testing

@Suite("Conversations with stations", .timeLimit(.minutes(1)))
struct ChargerConnectionTests {
    private static let start =
        #"{"connectorId":1,"idTag":"TAG","meterStart":1000,"timestamp":"2026-11-24T12:00:00Z"}"#

    @Test("C20: a 1.6 station boots, charges and stops; every answer has its form, and a Heartbeat our time")
    func session16() async throws {
        try await DoorServer.run { server in
            let station = try await server.station()

            #expect(
                try await station.call(
                    "BootNotification", #"{"chargePointVendor":"V","chargePointModel":"M"}"#)
                    == #"[3,"1",{"currentTime":"2026-11-24T12:00:00.000Z","interval":300,"status":"Accepted"}]"#
            )
            #expect(
                try await station.call(
                    "StatusNotification", #"{"connectorId":1,"errorCode":"NoError","status":"Available"}"#)
                    == #"[3,"1",{}]"#)
            #expect(
                try await station.call("Authorize", #"{"idTag":"TAG"}"#)
                    == #"[3,"1",{"idTagInfo":{"status":"Accepted"}}]"#)
            #expect(
                try await station.call("StartTransaction", Self.start)
                    == #"[3,"1",{"idTagInfo":{"status":"Accepted"},"transactionId":7}]"#)
            #expect(
                try await station.call(
                    "MeterValues",
                    #"{"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-11-24T12:01:00Z","sampledValue":[{"value":"1500"}]}]}"#
                ) == #"[3,"1",{}]"#)
            #expect(
                try await station.call(
                    "StopTransaction",
                    #"{"transactionId":7,"meterStop":2000,"timestamp":"2026-11-24T12:02:00Z"}"#)
                    == #"[3,"1",{}]"#)
            #expect(
                try await station.call("Heartbeat", "{}")
                    == #"[3,"1",{"currentTime":"2026-11-24T12:00:00.000Z"}]"#)
            // The Heartbeat is answered from memory and told to nobody.
            #expect(server.door.read.messages.count == 6)
            #expect(
                server.door.read.frames[3].bytes == Array("[2,\"1\",\"StartTransaction\",\(Self.start)]".utf8)
            )
            await station.client.close()
        }
    }

    @Test("a 2.x station is told the cost with the end", arguments: ["2.0.1", "2.1"])
    func session2(version: String) async throws {
        try await DoorServer.run { server in
            let station = try await server.station(version: version)
            let event =
                #""timestamp":"2026-11-24T12:00:00Z","triggerReason":"Authorized","seqNo":0,"transactionInfo":{"transactionId":"T1"}"#

            #expect(
                try await station.call(
                    "TransactionEvent",
                    #"{"eventType":"Started","idToken":{"idToken":"BAD1","type":"ISO14443"},\#(event)}"#)
                    == #"[3,"1",{"idTokenInfo":{"status":"Invalid"}}]"#)
            #expect(
                try await station.call("TransactionEvent", #"{"eventType":"Ended",\#(event)}"#)
                    == #"[3,"1",{"totalCost":12.30}]"#)
            #expect(server.door.read.frames.first?.version == version)
            await station.client.close()
        }
    }

    /// OCMF as a meter writes it, with what a driver showed as `ID`.
    private static func record(_ id: String) -> String {
        #"OCMF|{"FV":"1.0","GI":"meter","ID":"\#(id)","RD":[{"TM":"2026-11-24T12:00:00,000+0000 S","RV":1.5}]}|"#
            + #"{"SD":"304402207A0B1C2D3E4F"}"#
    }

    @Test(
        "PC-2: a signed record with a card number comes no further than its hash; one without stays as it was",
        arguments: ["1.6", "2.0.1"], [true, false])
    func cardInRecord(version: String, hasCard: Bool) async throws {
        let record = Self.record(hasCard ? "4242 4242 4242 4242" : "04A1B2C3D4E5F6")
        try await DoorServer.run { server in
            let station = try await server.station(version: version)
            // 2.x carries the record in base 64, where no card number shows.
            let carried = version == "1.6" ? record : Base64.text(of: Array(record.utf8))
            let text = JSON.string(carried).text()
            if version == "1.6" {
                _ = try await station.call(
                    "MeterValues",
                    #"{"connectorId":1,"transactionId":7,"meterValue":[{"timestamp":"2026-11-24T12:01:00Z","#
                        + #""sampledValue":[{"format":"SignedData","value":\#(text)},{"value":"1500"}]}]}"#)
            } else {
                _ = try await station.call(
                    "TransactionEvent",
                    #"{"eventType":"Updated","timestamp":"2026-11-24T12:01:00Z","triggerReason":"MeterValuePeriodic","#
                        + #""seqNo":1,"transactionInfo":{"transactionId":"T1"},"meterValue":[{"timestamp":"#
                        + #""2026-11-24T12:01:00Z","sampledValue":[{"value":1500,"signedMeterValue":{"signedMeterData":"#
                        + #"\#(text),"signingMethod":"","encodingMethod":"OCMF","publicKey":""}}]}]}"#)
            }
            let hash = SHA256Digest.hex(of: Array(carried.utf8))
            let frame = try #require(server.door.read.frames.last)
            guard case .transaction(let report) = try #require(server.door.read.messages.last) else {
                Issue.record("no transaction")
                return
            }
            let kept = String(decoding: frame.bytes, as: UTF8.self)
            #expect(kept.contains(text) != hasCard)
            #expect(kept.contains("sha256:\(hash)") == hasCard)
            #expect(!kept.contains("4242"))
            #expect(report.facts.contains { $0.kind == .withheld(record: hash) } == hasCard)
            let readings = report.facts.compactMap { fact -> Int64? in
                if case .reading(let reading) = fact.kind { reading.value } else { nil }
            }
            #expect(readings == [1_500_000], "the readings beside it are kept")
            await station.client.close()
        }
    }

    @Test("C44: the answer comes after the message was stored, never before")
    func storedFirst() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (reached, reach) = AsyncStream<Void>.makeStream()
        let door = NotebookDoor { message in
            guard case .transaction = message else { return }
            reach.yield()
            for await _ in gate { break }
        }
        try await DoorServer.run(door) { server in
            let station = try await server.station()
            try await station.say("[2,\"1\",\"StartTransaction\",\(Self.start)]")
            for await _ in reached { break }

            // While the first is being stored, a second call waits for its turn, and nothing is answered.
            try await station.say(#"[2,"2","Heartbeat",{}]"#)
            #expect(server.door.read.messages.isEmpty)
            open.yield()

            #expect(await station.hear()?.hasPrefix(#"[3,"1","#) == true)
            #expect(await station.hear()?.hasPrefix(#"[3,"2","#) == true)
            await station.client.close()
        }
    }

    @Test("C45: only what could not be stored is an error, in each version", arguments: ["1.6", "2.0.1"])
    func notStored(version: String) async throws {
        try await DoorServer.run(NotebookDoor { _ in throw NotebookDoor.Broken() }) { server in
            let station = try await server.station(version: version)

            let answer = try await station.call("MeterValues", "{}")

            #expect(answer?.hasPrefix(#"[4,"1","InternalError""#) == true)
            await station.client.close()
        }
    }

    @Test(
        "C15: a transaction message is answered normally, whatever it holds",
        arguments: [
            ("1.6", "StartTransaction"), ("1.6", "StopTransaction"), ("1.6", "MeterValues"),
            ("1.6", "DataTransfer"), ("2.0.1", "TransactionEvent"), ("2.0.1", "MeterValues"),
            ("2.1", "TransactionEvent"), ("2.1", "NotifySettlement"),
        ])
    func neverRefused(version: String, action: String) async throws {
        try await DoorServer.run { server in
            let station = try await server.station(version: version)
            for payload in [
                "{}", "null", "[]", "7", #"{"transactionId":{},"meterValue":[7],"eventType":null}"#,
            ] {
                #expect(try await station.call(action, payload)?.hasPrefix(#"[3,"1","#) == true, "\(payload)")
            }
            await station.client.close()
        }
    }

    @Test(
        "C17, C18: while its boot is not accepted a station may boot and tell of transactions, nothing else",
        arguments: [BootDecision.pending, .rejected])
    func notAccepted(decision: BootDecision) async throws {
        try await DoorServer.run(NotebookDoor(boot: decision)) { server in
            let station = try await server.station()
            let boot = #"{"chargePointVendor":"V","chargePointModel":"M"}"#
            let word = decision == .pending ? "Pending" : "Rejected"
            for _ in 0..<2 {
                let told = try await station.call("BootNotification", boot)
                #expect(told?.contains("\"status\":\"\(word)\"") == true)
                let refused = try await station.call("Authorize", #"{"idTag":"TAG"}"#)
                #expect(refused?.hasPrefix(#"[4,"1","SecurityError""#) == true)
                let taken = try await station.call("StartTransaction", Self.start)
                #expect(taken?.contains(#""transactionId":7"#) == true)
            }
            await station.client.close()
        }
    }

    @Test(
        "other messages are refused in the words of the version",
        arguments: [
            ("1.6", "Authorize", "{}", "OccurenceConstraintViolation"),
            ("2.0.1", "Authorize", "{}", "OccurrenceConstraintViolation"),
            ("1.6", "Nonsense", "{}", "NotImplemented"), ("1.6", "Reset", "{}", "NotSupported"),
            ("2.0.1", "NotifySettlement", "{}", "NotImplemented"),
            (
                "1.6", "StatusNotification",
                #"{"connectorId":1,"errorCode":"NoError","status":"Available","timestamp":7}"#,
                "TypeConstraintViolation"
            ),
        ])
    func refused(version: String, action: String, payload: String, code: String) async throws {
        try await DoorServer.run { server in
            let station = try await server.station(version: version)

            let answer = try await station.call(action, payload)

            #expect(answer?.hasPrefix("[4,\"1\",\"\(code)\"") == true, "\(answer ?? "")")
            #expect(server.door.read.kept.first?.state == .uninterpreted)
            await station.client.close()
        }
    }

    @Test(
        "every message of every version is answered, never met with silence", arguments: OCPPVersion.allCases)
    func neverSilent(version: OCPPVersion) async throws {
        try await DoorServer.run { server in
            let station = try await server.station(version: version.rawValue)
            for entry in Catalogue.entries(of: version) where entry.action != "NotifyPeriodicEventStream" {
                let answer = try await station.call(entry.action, "{}", id: entry.action)
                #expect(answer?.contains("\"\(entry.action)\"") == true, "\(entry.action)")
            }
            await station.client.close()
        }
    }

    @Test("C10: what is no message is survived; 2.x says so, 1.6 says nothing")
    func unreadable() async throws {
        try await DoorServer.run { server in
            let old = try await server.station(version: "1.6")
            try await old.say("hello")
            #expect(try await old.call("Heartbeat", "{}")?.hasPrefix("[3,") == true)

            let new = try await server.station(version: "2.0.1")
            try await new.say("hello")
            #expect(await new.hear()?.hasPrefix(#"[4,"-1","RpcFrameworkError""#) == true)
            #expect(try await new.call("Heartbeat", "{}")?.hasPrefix("[3,") == true)
            await server.door.wait { $0.kept.count == 2 }
            #expect(server.door.read.kept.allSatisfy { $0.state == .uninterpreted })
            await new.client.close()
        }
    }

    @Test("C14: a message above 1 MiB is refused by its id, and its beginning kept")
    func oversize() async throws {
        try await DoorServer.run { server in
            let station = try await server.station()
            let long = String(repeating: "x", count: 1 << 20)

            let answer = try await station.call("DataTransfer", #"{"vendorId":"\#(long)"}"#)

            #expect(answer?.hasPrefix(#"[4,"1","GenericError""#) == true)
            await server.door.wait { !$0.kept.isEmpty }
            let kept = try #require(server.door.read.kept.first?.frame)
            #expect(kept.bytes.count == 64 << 10)
            #expect(kept.findings.contains { $0.hasPrefix("cut from 10486") && $0.contains("SHA-256 ") })
            #expect(server.door.read.kept.first?.state == .oversized)
            await station.client.close()
        }
    }

    @Test("C12: a SEND is stored and not answered")
    func send() async throws {
        try await DoorServer.run { server in
            let station = try await server.station(version: "2.1")

            try await station.say(#"[6,"s","NotifyPeriodicEventStream",{"id":1}]"#)

            #expect(try await station.call("Heartbeat", "{}")?.hasPrefix(#"[3,"1","#) == true)
            await server.door.wait { $0.messages == [.journal(action: "NotifyPeriodicEventStream")] }
            await station.client.close()
        }
    }

    @Test("C5: a new connection replaces the old one; a call in flight there is unknown")
    func replaced() async throws {
        try await DoorServer.run { server in
            let old = try await server.station()
            let command = server.door.enqueue(.reset(immediately: false), for: "CP1")
            #expect(await old.hear()?.contains(#""Reset",{"type":"Soft"}"#) == true)
            let epoch = try #require(server.registry.epoch(of: NotebookDoor.station("CP1")))

            let new = try await server.station()
            #expect(try await new.call("Heartbeat", "{}") != nil)

            #expect(await old.hear() == nil)
            await server.door.wait { $0.replies[command] != nil }
            #expect(server.door.read.replies[command] == .unknown)
            #expect(server.registry.count == 1)
            #expect(server.door.read.connections.allSatisfy { $0.hasPrefix("+") })
            #expect(try #require(server.registry.epoch(of: NotebookDoor.station("CP1"))) > epoch)
            await new.client.close()
        }
    }

    @Test("C6: a closed socket takes the station offline, and says so once")
    func disconnected() async throws {
        try await DoorServer.run { server in
            let station = try await server.station()
            #expect(try await station.call("Heartbeat", "{}") != nil)

            await station.client.close()

            await server.door.wait { $0.connections.count == 2 }
            let connections = server.door.read.connections
            #expect(connections.first?.hasPrefix("+") == true && connections.last?.hasPrefix("-") == true)
            #expect(server.registry.count == 0)
            #expect(server.registry.lastSeen(NotebookDoor.station("CP1")) == nil)
        }
    }
}
