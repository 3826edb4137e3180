// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What the other tests start ends with them, whatever they wait for.
@Suite("A program that a test runs")
struct ProgramTests {
    @Test("that does not end is killed when nobody waits for it any more", .timeLimit(.minutes(1)))
    func abandoned() async throws {
        let run = Task { try await ServerProcess.runTool("/bin/sh", ["-c", "exec sleep 600"]) }
        run.cancel()

        #expect(try await run.value.status == SIGKILL)
    }
}
