// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `kill -9` before and after each commit and gateway call of a visit, one after the other, founding included. Each time
/// another process walks on; then every promise holds and the Sandbox's own books agree with ours (F7, F32, F51).
@Suite("Killed at every moment", .serialized)
struct EveryMomentTests {
    /// `make crash` walks through all of these moments on both engines. `make test` takes a few of each, others each day.
    @Test(
        "F51: killed at every moment of the walk, nothing is lost and nothing charged twice",
        .timeLimit(.minutes(60)),
        arguments: Engine.available, ["guest", "wallet"])
    func everyMoment(engine: Engine, path: String) async throws {
        let whole = try await Walked(engine: engine, path: path, crashAt: nil)
        #expect(whole.status == 0, "\(whole.errors)")
        let moments = try #require(whole.moments)
        #expect(moments > 20, "a walk with few moments proves little")
        let isAll = ProcessInfo.processInfo.environment["AMPTILL_CRASH_ALL"] != nil
        let stride = isAll ? 1 : moments / (engine == .sqlite ? 12 : 6)
        let day = Int(Date().timeIntervalSince1970 / 86_400)
        let chosen = (1...moments).filter { isAll || $0 % stride == day % stride }
        let failures = try await withThrowingTaskGroup(of: String?.self) { group in
            var waiting = chosen[...]
            func next() {
                guard let moment = waiting.popFirst() else { return }
                group.addTask {
                    let walked = try await Walked(engine: engine, path: path, crashAt: moment)
                    return walked.verdict.map { "killed at \(moment): \($0)" }
                }
            }
            for _ in 0..<3 { next() }
            var failures: [String] = []
            while let failure = try await group.next() {
                if let failure { failures.append(failure) }
                next()
            }
            return failures
        }
        #expect(failures == [])
    }
}

/// A walk that was killed once, and walked on to its end.
private struct Walked {
    let status: Int32
    let output: String
    let errors: String
    let wasKilled: Bool

    init(engine: Engine, path: String, crashAt: Int?) async throws {
        let database = try await engine.freshDatabase()
        let memory = FileManager.default.temporaryDirectory
            .appending(path: "walk-\(UInt64.random(in: 0...UInt64.max)).json").path
        // the answer is known by then; a file that stays changes nothing
        defer { try? FileManager.default.removeItem(atPath: memory) }
        let walk = ["walk", "--path", path, "--database", database.address, "--memory", memory]
        let first = try await ServerProcess.run(walk + (crashAt.map { ["--crash-at", "\($0)"] } ?? []))
        wasKilled = first.errors.contains("crash point:")
        let last = try await wasKilled ? ServerProcess.run(walk) : first
        (status, output, errors) = last
    }

    /// How many moments the walk had.
    var moments: Int? {
        output.split(separator: "\n").first { $0.hasPrefix("moments ") }.flatMap { Int($0.dropFirst(8)) }
    }

    /// What is wrong with the end; nil if nothing is.
    var verdict: String? {
        if status != 0 { return "status \(status) \(output) \(errors)" }
        // 10 kWh at 0.49, once; the Sandbox keeps 1.5 % and 0.25 of a card's capture
        return output.contains("owed 490 ") ? nil : output
    }
}
