// SPDX-License-Identifier: Apache-2.0
import Billing
import Chargers
import Charging
import JSONText
import Quantities
import Testing

@Suite("Commands on their way", .timeLimit(.minutes(1)))
struct ChargerCourierTests {
    private static let start = StationCommand.start(
        evse: 1, connector: 1, token: PresentedToken(uid: "A123"), remoteStartID: 17)

    /// Reads a call of the server and replies to it.
    private static func reply(_ station: StationPeer, _ reply: String) async throws -> JSON {
        let call = try JSON.parse(try #require(await station.hear()))
        let id = try #require(call[1]?.string)
        try await station.say(reply.replacing("ID", with: "\"\(id)\""))
        return call
    }

    @Test("a command reaches the station in its words, and the reply is recorded")
    func delivered() async throws {
        try await DoorServer.run { server in
            let old = try await server.station("CP1", version: "1.6")
            let command = server.door.enqueue(Self.start, for: "CP1")

            let call = try await Self.reply(old, #"[3,ID,{"status":"Accepted"}]"#)

            #expect(call[2]?.string == "RemoteStartTransaction")
            #expect(call[3] == ["connectorId": 1, "idTag": "A123"])
            await server.door.wait { $0.replies[command] != nil }
            #expect(server.door.read.replies[command] == .accepted)
            // Our call and its reply are in the log of frames.
            await server.door.wait { $0.kept.count == 2 }
            #expect(Set(server.door.read.kept.map(\.direction)) == [.inbound, .outbound])
            await old.client.close()
        }
    }

    @Test(
        "a station that refuses, fails or does not know a command",
        arguments: [
            (#"[3,ID,{"status":"Rejected"}]"#, CommandReply.refused(reason: "Rejected")),
            (#"[3,ID,{"status":"Rejected","statusInfo":{"reasonCode":"InUse"}}]"#, .refused(reason: "InUse")),
            (#"[3,ID,{}]"#, .refused(reason: "NoStatus")),
            (#"[4,ID,"NotSupported","",{}]"#, .refused(reason: "NotSupported")),
        ])
    func refused(text: String, expected: CommandReply) async throws {
        try await DoorServer.run { server in
            let station = try await server.station("CP1", version: "2.0.1")
            let command = server.door.enqueue(Self.start, for: "CP1")

            let call = try await Self.reply(station, text)

            #expect(call[3]?["remoteStartId"]?.int64 == 17)
            await server.door.wait { $0.replies[command] != nil }
            #expect(server.door.read.replies[command] == expected)
            await station.client.close()
        }
    }

    @Test("C8: while our call waits for its reply, the station's call is answered")
    func crossing() async throws {
        try await DoorServer.run { server in
            let station = try await server.station()
            let command = server.door.enqueue(.unlock(evse: 1, connector: 1), for: "CP1")
            let call = try JSON.parse(try #require(await station.hear()))

            #expect(try await station.call("Heartbeat", "{}", id: "h")?.hasPrefix(#"[3,"h","#) == true)
            let id = try #require(call[1]?.string)
            // C9: a reply to nothing is ignored.
            try await station.say(#"[3,"nobody",{"status":"Unlocked"}]"#)
            try await station.say("[3,\"\(id)\",{\"status\":\"Unlocked\"}]")

            await server.door.wait { $0.replies[command] != nil }
            #expect(server.door.read.replies[command] == .accepted)
            await station.client.close()
        }
    }

    @Test("a command waits for its station, and is found when it connects")
    func foundAtConnection() async throws {
        try await DoorServer.run { server in
            let command = server.door.enqueue(.reset(immediately: true), for: "CP1")

            let station = try await server.station()
            _ = try await Self.reply(station, #"[3,ID,{"status":"Accepted"}]"#)

            await server.door.wait { $0.replies[command] != nil }
            await station.client.close()
        }
    }

    @Test("a command past its deadline, or without a message in the version, is never sent")
    func neverSent() async throws {
        try await DoorServer.run { server in
            let station = try await server.station()
            let stale = server.door.enqueue(Self.start, for: "CP1", deadline: server.door.now - .seconds(1))
            let foreign = server.door.enqueue(.transactionStatus(name: "T1"), for: "CP1")

            await server.door.wait { $0.replies.count == 2 }

            #expect(server.door.read.replies[stale] == .unreachable)
            #expect(server.door.read.replies[foreign] == .refused(reason: "NotSupported"))
            #expect(server.door.read.kept.isEmpty)
            await station.client.close()
        }
    }

    @Test("C17: a station whose boot is pending is not started or stopped, and other calls of it are refused")
    func pending() async throws {
        try await DoorServer.run(NotebookDoor(boot: .pending)) { server in
            let station = try await server.station()
            let answer = try await station.call(
                "BootNotification", #"{"chargePointVendor":"V","chargePointModel":"M"}"#)
            #expect(answer?.contains(#""status":"Pending""#) == true)
            #expect(
                try await station.call("Authorize", #"{"idTag":"TAG"}"#)?.contains("SecurityError") == true)

            let start = server.door.enqueue(Self.start, for: "CP1")
            await server.door.wait { $0.replies[start] != nil }
            #expect(server.door.read.replies[start] == .refused(reason: "NotAccepted"))
            // Settings may be asked for meanwhile (1.6 §4.2).
            let settings = server.door.enqueue(.readConfiguration(keys: []), for: "CP1")
            let call = try await Self.reply(station, #"[3,ID,{"configurationKey":[]}]"#)
            #expect(call[2]?.string == "GetConfiguration")
            await server.door.wait { $0.replies[settings] != nil }
            #expect(server.door.read.replies[settings] == .told([:]))
            await station.client.close()
        }
    }

    @Test("a password of a station's own goes out in the form of its version, and never into the log")
    func password() async throws {
        for (version, form) in [
            ("1.6", #"{"key":"AuthorizationKey","value":"5345435245542d5345435245542d5345435245"}"#),
            (
                "2.0.1",
                #"{"setVariableData":[{"attributeValue":"SECRET-SECRET-SECRE","component":{"name":"SecurityCtrlr"},"variable":{"name":"BasicAuthPassword"}}]}"#
            ),
        ] {
            try await DoorServer.run { server in
                let station = try await server.station(version: version)
                let command = server.door.enqueue(.setPassword("SECRET-SECRET-SECRE"), for: "CP1")
                let call = try await Self.reply(
                    station,
                    version == "1.6"
                        ? #"[3,ID,{"status":"Accepted"}]"#
                        : #"[3,ID,{"setVariableResult":[{"attributeStatus":"Accepted"}]}]"#)
                #expect(call[3]?.text(sortedKeys: true) == form)
                await server.door.wait { $0.replies[command] != nil && $0.kept.count == 2 }
                #expect(server.door.read.replies[command] == .accepted)
                let kept = server.door.read.kept.map { String(decoding: $0.frame.bytes, as: UTF8.self) }
                #expect(!kept.contains { $0.contains("SECRET") || $0.contains("534543524554") })
                await station.client.close()
            }
        }
    }
}
