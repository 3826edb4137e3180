// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Ends the process like `kill -9` at the n-th numbered moment: before and after each commit and each gateway call.
///
/// For tests that prove that nothing is lost and nothing charged twice (decided.md, Crash tests).
final class CrashPoint: Sendable {
    private let left: Mutex<Int>
    private let first: Int
    /// Whether a crash was asked for.
    let isArmed: Bool

    /// - Parameter number: the moment to end at, from 1; nil for never.
    init(at number: Int?) {
        isArmed = number != nil
        first = number ?? 0
        left = Mutex(number ?? 0)
    }

    /// How many moments have come.
    var passed: Int { left.withLock { first - $0 } }

    /// A moment has come.
    func reached(_ moment: String) {
        guard isArmed else { return }
        let isNow = left.withLock { left in
            left -= 1
            return left == 0
        }
        guard isNow else { return }
        FileHandle.standardError.write(Data("crash point: \(moment)\n".utf8))
        kill(getpid(), SIGKILL)
    }
}
