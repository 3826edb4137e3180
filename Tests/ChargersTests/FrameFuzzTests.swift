// SPDX-License-Identifier: Apache-2.0
import Billing
import Chargers
import Foundation
import JSONText
import Logging
import NIOCore
import OCPP
import Quantities
import Storage
import Tariffs
import Testing

/// Damaged frames over a real socket into the real rules and a real database. `make fuzz-frames` runs it for ten minutes,
/// `make test` for one, anything else for two seconds (`AMPTILL_FUZZ_SECONDS`).
///
/// A crash ends the whole process; the frame that did it is then in `amptill-fuzz-frame` in the temporary folder.
@Suite("Frames under damage", .timeLimit(.minutes(30)))
struct FrameFuzzTests {
    /// So many damaged frames go over one connection: a station that says more is read more slowly.
    private static let framesPerConnection = 240

    @Test("no frame stops the server; what is answered is well formed, and nothing is our own failure")
    func fuzz() async throws {
        let seconds = ProcessInfo.processInfo.environment["AMPTILL_FUZZ_SECONDS"].flatMap(Int.init) ?? 2
        let seed = ProcessInfo.processInfo.environment["AMPTILL_FUZZ_SEED"].flatMap(UInt64.init) ?? 16_201
        let corpus = try Corpus()
        let deadline = ContinuousClock.now + .seconds(seconds)
        var round: UInt64 = 0
        var answers = 0
        repeat {
            answers += try await Self.visit(corpus, seed: seed &+ round)
            round += 1
        } while ContinuousClock.now < deadline
        print("fuzz: \(round) connections from seed \(seed), \(answers) answers")
        // Each damaged frame is followed by a Heartbeat, which is always answered.
        #expect(answers >= Int(round) * Self.framesPerConnection)
    }

    /// One connection in one fresh world; the number of answers.
    private static func visit(_ corpus: Corpus, seed: UInt64) async throws -> Int {
        let desk = try await Desk.inMemory(seed: seed)
        let organisation = try await FoundInstallation(desk: desk)(
            operatorKey: "an operator key of the fuzzer"
        ).organisation
        _ = try await SeedDemonstration(desk: desk)(in: organisation)
        let endpoint = ChargerEndpoint(
            door: StationDesk(desk: desk), registry: ConnectionRegistry(),
            newConnection: { desk.ids.new(at: desk.clock.now) }, log: GateServer.quiet)
        let counter = Counter()
        try await GateServer.run(
            decide: { await endpoint.decide($0) }, serve: { await endpoint.serve($0) },
            times: Gate.Times(closing: .milliseconds(100))
        ) { server in
            var talk = try await FuzzTalk.begin(corpus, seed: seed, port: server.port)
            for _ in 0..<framesPerConnection {
                await counter.add(try await talk.exchange())
                desk.clock.advance(by: .seconds(7))
            }
            await talk.end()
        }
        // What the frames made of the sessions must be billable, or a question for a person.
        _ = try await Workers(desk: desk, couriers: []).round()
        await desk.store.close()
        return await counter.count
    }
}

private actor Counter {
    private(set) var count = 0
    func add(_ more: Int) { count += more }
}

/// One socket that says broken things.
private struct FuzzTalk {
    private let peer: StationPeer
    private let frames: [String]
    private let crumb = FileManager.default.temporaryDirectory.appending(path: "amptill-fuzz-frame")
    private var random: SplitMix64
    private var number = 0

    static func begin(_ corpus: Corpus, seed: UInt64, port: Int) async throws -> FuzzTalk {
        var random = SplitMix64(seed: seed)
        let version = OCPPVersion.allCases.randomElement(using: &random) ?? .v16
        let client = try await RawClient.connect(to: port)
        let offer = "Sec-WebSocket-Protocol: \(version.subprotocol)\r\n"
        try await client.send(GateServer.handshake("/ocpp/DEMO-1", offer))
        let head = try #require(await client.readThrough("\r\n\r\n"))
        try #require(head.hasPrefix("HTTP/1.1 101"), "\(head)")
        return FuzzTalk(
            peer: StationPeer(client: client), frames: corpus.frames[version] ?? [], random: random)
    }

    private init(peer: StationPeer, frames: [String], random: SplitMix64) {
        self.peer = peer
        self.frames = frames
        self.random = random
    }

    /// Says something damaged and then a Heartbeat; how many frames came back until the Heartbeat was answered.
    mutating func exchange() async throws -> Int {
        number += 1
        let bytes = Damage.damaged(frames.randomElement(using: &random) ?? "", using: &random)
        try Data(bytes).write(to: crumb)
        try await peer.client.send(clientFrame(bytes))
        let id = "alive-\(number)"
        try await peer.say("[2,\"\(id)\",\"Heartbeat\",{}]")
        var heard = 0
        while let text = await peer.hear() {
            heard += 1
            let frame = try JSON.parse(text)
            let shown = String(decoding: bytes.prefix(2000), as: UTF8.self)
            #expect(frame.serialized(sortedKeys: true) == Array(text.utf8), "keys not sorted: \(text)")
            #expect(frame[2]?.string != "InternalError", "our own failure for \(shown)")
            if frame[0]?.int64 == 2 {
                try await peer.say("[4,\(frame[1]?.text() ?? "0"),\"NotImplemented\",\"\",{}]")
            }
            if frame[1]?.string == id { return heard }
        }
        Issue.record("the socket was closed after \(String(decoding: bytes.prefix(2000), as: UTF8.self))")
        throw Closed()
    }

    func end() async { await peer.client.close() }

    private struct Closed: Error {}
}

/// Undamaged frames to begin with: every message of every version, small and full, and sessions that can be billed.
private struct Corpus {
    let frames: [OCPPVersion: [String]]

    init() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/frames.txt")
        var frames: [OCPPVersion: [String]] = [:]
        for line in try String(contentsOf: file, encoding: .utf8).split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2, let version = OCPPVersion(rawValue: String(parts[0])) else { continue }
            frames[version, default: []].append(String(parts[1]))
        }
        self.frames = frames
    }
}

/// What can go wrong with a frame on its way, and what a malicious sender makes of it.
private enum Damage {
    static func damaged(_ frame: String, using random: inout SplitMix64) -> [UInt8] {
        var bytes = Array(frame.utf8)
        // What is no JSON to begin with is damaged as bytes only.
        if Bool.random(using: &random), var document = try? JSON.parse(frame) {
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                document = twisted(document, using: &random)
            }
            bytes = document.serialized(sortedKeys: Bool.random(using: &random))
        }
        guard Int.random(in: 0..<3, using: &random) == 0 else { return bytes }
        for _ in 0..<Int.random(in: 1...3, using: &random) { scratch(&bytes, using: &random) }
        return bytes
    }

    /// Replaces one value somewhere in the tree, or a member's name.
    private static func twisted(_ json: JSON, using random: inout SplitMix64) -> JSON {
        switch json {
        case .array(var values) where !values.isEmpty:
            let index = Int.random(in: values.indices, using: &random)
            values[index] = twisted(values[index], using: &random)
            return .array(values)
        case .object(var members) where !members.isEmpty:
            let index = Int.random(in: members.indices, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: members.remove(at: index)
            case 1: members.append(JSON.Member(members[index].key.uppercased(), odd(using: &random)))
            case 2: members[index].value = odd(using: &random)
            default: members[index].value = twisted(members[index].value, using: &random)
            }
            return .object(members)
        default: return odd(using: &random)
        }
    }

    private static let texts = [
        "", " ", "NaN", "-0", "1e400", "-1", "0", "9223372036854775807", "99999999999999999999", "12.5",
        " 7 ",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "2262-04-11T23:47:16Z", "1970-01-01",
        "2026-11-24T12:00:00", "2026-02-30T25:61:61+99:99", "Accepted", "Started", "Ended", "kWh", "Wh",
        "\u{0}",
        "\u{FEFF}", "💡", "é", "../../etc/passwd", "'; DROP TABLE session; --", "04A1B2C3D4E5F6", "T1",
        "Energy.Active.Import.Register", "Transaction.End", "4111111111111111",
    ]
    private static let numbers = [
        "0", "-0", "-1", "1", "2147483648", "9223372036854775807", "-9223372036854775808", "1e18", "1e-30",
        "1E+400",
        "0.0000000000000000000000001", "999999999999999999999999999999", "4812345", "24", "-24",
        "1000000000000000",
    ]

    private static func odd(using random: inout SplitMix64) -> JSON {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return .null
        case 1: return .array([])
        case 2: return .object([])
        case 3: return .bool(Bool.random(using: &random))
        case 4, 5: return .number(numbers.randomElement(using: &random) ?? "0")
        case 6:
            let length = [255, 256, 5000, 70_000].randomElement(using: &random) ?? 1
            return .string(String(repeating: "x", count: length))
        case 7:
            return (0..<Int.random(in: 1...60, using: &random)).reduce(JSON.null) { nest, _ in .array([nest])
            }
        default: return .string(texts.randomElement(using: &random) ?? "")
        }
    }

    /// Damages bytes: the result need not even be text.
    private static func scratch(_ bytes: inout [UInt8], using random: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: bytes.indices, using: &random)
        let telling = Array(#"{}[]",:\u0-+.eE9tfn"#.utf8)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] = telling.randomElement(using: &random) ?? 0
        case 2: bytes.remove(at: place)
        case 3: bytes.insert(telling.randomElement(using: &random) ?? 0, at: place)
        default: bytes.removeSubrange(place...)
        }
    }
}

extension Desk {
    /// A desk over an empty database in memory, with a clock that stands still until it is told.
    static func inMemory(seed: UInt64) async throws -> Desk {
        Desk(
            store: try await Store.open(.memory), clock: WallClock(frozenAt: Instant(seconds: 1_795_521_600)),
            ids: IDSource(seed: seed), zones: EverywhereUTC(), gateways: [:],
            settings: Settings(publicURL: ""), log: GateServer.quiet)
    }
}

/// All places keep UTC; zones have tests of their own.
private struct EverywhereUTC: ZoneReader {
    func rules(of zone: String, from: Instant, to: Instant) throws -> ZoneRules { .utc }
}
