// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import Logging
import Quantities

/// Log lines as JSON on standard error, one each: time, level, module, message, and what belongs to it.
struct Logs: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    /// The logger of the whole program; AMPTILL_LOG_LEVEL sets how much it says.
    static func standard() -> Logger {
        let level = Environment["AMPTILL_LOG_LEVEL"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
        return Logger(label: "amptill") { Logs(label: $0, logLevel: level) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields: [String: String] = [:]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            fields[key] = CardNumbers.removed(from: "\(value)")
        }
        fields["time"] = Self.now
        fields["level"] = event.level.rawValue
        fields["module"] = event.source
        fields["message"] = CardNumbers.removed(from: "\(event.message)")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Texts always encode; a log line is never worth stopping for.
        guard let line = try? encoder.encode(fields) else { return }
        FileHandle.standardError.write(line + Data("\n".utf8))
    }

    private static var now: String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)).iso8601
    }
}
