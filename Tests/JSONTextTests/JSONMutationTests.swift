// SPDX-License-Identifier: Apache-2.0
import JSONText
import Testing

@Suite("JSON under damage")
struct JSONMutationTests {
    private static let documents = [
        #"[2,"19223201","BootNotification",{"chargePointVendor":"é😀","n":[1,-2.5e+3,true,null,{}]}]"#,
        #"{"a":{"b":[[[]]],"c":"\ud83d\ude00\n\\"},"d":0.000,"e":[false,{"f":"x"}]}"#,
    ]

    @Test("no bytes stop the reader, and what it reads it writes and reads again", .timeLimit(.minutes(10)))
    func mutation() async throws {
        let seed: UInt64 = 7
        var random = SplitMix64(seed: seed)
        for round in 0..<40_000 {
            await Task.yield()
            var bytes = Array((Self.documents.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.damage(&bytes, using: &random) }

            guard let document = Self.read(bytes) else { continue }

            #expect(
                Self.read(document.serialized(sortedKeys: false)) == document, "seed \(seed) round \(round)")
        }
    }

    private static func read(_ bytes: [UInt8]) -> JSON? {
        do throws(JSONError) { return try JSON.parse(bytes, duplicateKeys: .firstWins) } catch { return nil }
    }

    private static func damage(_ bytes: inout [UInt8], using random: inout SplitMix64) {
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
