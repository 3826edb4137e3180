// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import Hummingbird
import JSONText
import NIOCore

/// Step 10, Page: what a session shows, as Server-Sent Events, until it is over.
///
/// Every event holds the whole small state, so that a lost one does no harm and a reconnect needs one event only.
struct SessionStream: Sendable {
    /// One state of what is shown.
    struct Frame: Sendable {
        /// Rises with each change; becomes the event's id.
        let version: Int64
        let json: JSON
        /// Nothing more will come.
        let isLast: Bool
        /// What must be watched too, now that it exists.
        var watches: Set<String> = []
    }

    let hub: LiveHub
    /// The event's name.
    let event: String
    /// The objects whose changes are shown.
    let ids: Set<String>
    /// The shortest time between two events.
    var pace: Duration = .seconds(1)
    /// Reads the present state; nil when it is gone.
    let look: @Sendable () async throws -> Frame?

    /// The answer to a request for the stream.
    func reply(to request: Request) -> Reply {
        var reply = Reply(
            status: .ok,
            content: .stream(
                ResponseBody { writer in
                    let watch = hub.watch(ids)
                    // Without this handler a closed browser would stay a watcher for ever (swift.md §3).
                    try await request.body.consumeWithInboundCloseHandler { _ in
                        try await write(to: &writer, watch: watch)
                    } onInboundClosed: {
                        watch.end()
                    }
                    watch.end()
                    try await writer.finish(nil)
                }))
        reply.headers[.contentType] = "text/event-stream; charset=utf-8"
        reply.headers[.cacheControl] = "no-store"
        if let buffering = HTTPField.Name("X-Accel-Buffering") { reply.headers[buffering] = "no" }
        return reply
    }

    private func write(
        to writer: inout any ResponseBodyWriter, watch: Watch
    ) async throws {
        try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
        // Whoever comes back gets the present state in one event, whatever the last one was (experience.md §3).
        var shown: Int64?
        if try await show(&shown, to: &writer, watch) { return }
        var shownAt = ContinuousClock.now
        for await signal in watch.signals {
            guard signal == .changed else {
                try await writer.write(ByteBuffer(string: ": still here\n\n"))
                continue
            }
            let pause = pace - (ContinuousClock.now - shownAt)
            if pause > .zero { try await Task.sleep(for: pause) }
            shownAt = .now
            if try await show(&shown, to: &writer, watch) { return }
        }
    }

    /// Writes the present state unless it was shown; says whether it was the last.
    private func show(
        _ shown: inout Int64?, to writer: inout any ResponseBodyWriter, _ watch: Watch
    ) async throws -> Bool {
        guard let frame = try await look() else {
            try await writer.write(ByteBuffer(string: "event: end\ndata: {}\n\n"))
            return true
        }
        watch.widen(frame.watches)
        if frame.version != shown {
            shown = frame.version
            let text = frame.json.text(sortedKeys: false)
            try await writer.write(
                ByteBuffer(string: "event: \(event)\nid: \(frame.version)\ndata: \(text)\n\n"))
        }
        guard frame.isLast else { return false }
        try await writer.write(ByteBuffer(string: "event: end\nid: \(frame.version)\ndata: {}\n\n"))
        return true
    }
}

/// A GET that waits for a change: `?wait=20` (api.md §1, Long poll).
struct LongPoll: Sendable {
    let hub: LiveHub

    /// The longest wait, seconds.
    static let longest: Int64 = 30
    /// The query parameter.
    static let parameter = Query.Parameter(
        name: "wait", shape: .integer(0...longest), note: "Seconds to wait for another `status`.")

    /// Looks; if asked to, looks again at every hint until the status is another one or the time is over.
    func callAsFunction<Value: Sendable>(
        _ seconds: Int64?, on ids: Set<String>, status: @Sendable (Value) -> String,
        look: @Sendable () async throws -> Value
    ) async throws -> Value {
        guard let seconds, seconds > 0 else { return try await look() }
        let watch = hub.watch(ids)
        defer { watch.end() }
        let first = try await look()
        let alarm = Task {
            // A cancelled alarm rings early, when nobody listens any more.
            try? await Task.sleep(for: .seconds(seconds))
            watch.end()
        }
        defer { alarm.cancel() }
        for await signal in watch.signals where signal == .changed {
            let now = try await look()
            if status(now) != status(first) { return now }
        }
        return try await look()
    }
}
