// SPDX-License-Identifier: Apache-2.0

import Testing

/// The other tests judge the server by what its processes say.
@Suite("What a process says")
struct OutputLinesTests {
    @Test("is heard to its last byte, also when the process has ended before", .timeLimit(.minutes(2)))
    func toTheLastByte() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    let run = try await ServerProcess.runTool(
                        "/bin/sh", ["-c", "yes amptill | head -c 60000"])
                    return run.output.utf8.count
                }
            }
            for try await count in group { #expect(count == 60_000) }
        }
    }
}
