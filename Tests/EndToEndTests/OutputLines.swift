// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import Testing

/// The lines a process writes, as they come.
///
/// A thread of its own reads them: the handler that Foundation's `FileHandle` calls is not called any more when a process
/// that wrote tens of kilobytes has ended, and the rest of its output stays in the pipe.
final class OutputLines: Sendable {
    private final class State: Sendable {
        struct Content {
            var lines: [String] = []
            var partial = [UInt8]()
            var isAtEnd = false

            mutating func take(_ bytes: ArraySlice<UInt8>) {
                for byte in bytes {
                    if byte == UInt8(ascii: "\n") {
                        lines.append(String(decoding: partial, as: UTF8.self))
                        partial = []
                    } else {
                        partial.append(byte)
                    }
                }
            }
        }
        let content = Mutex(Content())
    }

    let pipe = Pipe()
    private let state = State()

    init() {
        let (handle, state) = (pipe.fileHandleForReading, state)
        Thread.detachNewThread {
            Self.read(handle.fileDescriptor) { bytes in state.content.withLock { $0.take(bytes) } }
            // Foundation keeps the pipes of a process that has ended, and a test that starts thousands of them would run out
            // of descriptors.
            handle.closeFile()
            state.content.withLock { $0.isAtEnd = true }
        }
    }

    /// Reads to the end: until everybody who could write has closed.
    private static func read(_ descriptor: Int32, _ take: (ArraySlice<UInt8>) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Foundation.read(descriptor, &buffer, buffer.count)
            if count > 0 { take(buffer[..<count]) }
            if count == 0 || (count < 0 && errno != EINTR) { return }
        }
    }

    /// The whole lines so far.
    var all: [String] { state.content.withLock(\.lines) }

    /// Everything, once everybody who could write has closed; a test whose output does not end fails.
    func rest() async -> String {
        _ = await first(where: { _ in false }, within: .seconds(30))
        return state.content.withLock {
            if !$0.isAtEnd { Issue.record("the output of a process did not end: \($0.lines.suffix(3))") }
            return ($0.lines + [String(decoding: $0.partial, as: UTF8.self)]).joined(separator: "\n")
        }
    }

    /// The first line that fits, or nil when the time is over or the process has ended without one.
    func first(where fits: (String) -> Bool, within limit: Duration) async -> String? {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let (line, isAtEnd) = state.content.withLock { ($0.lines.first(where: fits), $0.isAtEnd) }
            if line != nil || isAtEnd { return line }
            await Task.yield()
            // a poll of another process, bounded by the deadline
            try? await Task.sleep(for: .milliseconds(20))
        }
        return nil
    }
}
