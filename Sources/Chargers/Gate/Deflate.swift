// SPDX-License-Identifier: Apache-2.0
import CZlib
import NIOCore
import NIOPosix

/// permessage-deflate without memory between messages (RFC 7692), which 2.x asks of a central system (P4 §3.4).
///
/// No context is kept, so one compressor and one decompressor per thread serve all sockets of that thread.
enum Deflate {
    /// Shorter messages go plain: compressing them saves nothing.
    static let worthwhileBytes = 256

    /// What bytes inflated to.
    enum Inflated {
        case message(ByteBuffer)
        /// More than the limit; nothing beyond it was produced.
        case tooLong
        case broken
    }

    private static let perThread = ThreadSpecificVariable<Streams>()

    private static var streams: Streams? {
        if let streams = perThread.currentValue { return streams }
        let made = Streams()
        perThread.currentValue = made
        return made
    }

    /// The message compressed, without the four bytes that end a block; nil if zlib refuses.
    static func compress(_ message: ByteBuffer) -> ByteBuffer? {
        streams?.compress(message)
    }

    /// The message as it was, at most `limit` bytes.
    static func inflate(_ message: ByteBuffer, limit: Int) -> Inflated {
        streams?.inflate(message, limit: limit) ?? .broken
    }

    /// The streams of one thread. Zlib keeps pointers to a stream, so they live on the heap at a fixed place.
    // exception(T12): reached only through the variable of its own thread, so no two threads ever share one.
    private final class Streams: @unchecked Sendable {
        private let deflater: UnsafeMutablePointer<z_stream>
        private let inflater: UnsafeMutablePointer<z_stream>

        init?() {
            deflater = .allocate(capacity: 1)
            inflater = .allocate(capacity: 1)
            deflater.initialize(to: z_stream())
            inflater.initialize(to: z_stream())
            let size = Int32(MemoryLayout<z_stream>.size)
            // Window bits of -15: raw deflate with the largest window.
            let deflating = deflateInit2_(
                deflater, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
            let inflating = inflateInit2_(inflater, -15, ZLIB_VERSION, size)
            guard deflating == Z_OK, inflating == Z_OK else { return nil }
        }

        deinit {
            deflateEnd(deflater)
            inflateEnd(inflater)
            deflater.deinitialize(count: 1)
            inflater.deinitialize(count: 1)
            deflater.deallocate()
            inflater.deallocate()
        }

        func compress(_ message: ByteBuffer) -> ByteBuffer? {
            guard deflateReset(deflater) == Z_OK else { return nil }
            let bound = Int(deflateBound(deflater, UInt(message.readableBytes))) + 16
            var input = message
            var output = ByteBuffer()
            let status = input.withUnsafeMutableReadableBytes { source -> Int32 in
                deflater.pointee.next_in = source.bindMemory(to: UInt8.self).baseAddress
                deflater.pointee.avail_in = UInt32(source.count)
                var status = Z_OK
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
                    deflater.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
                    deflater.pointee.avail_out = UInt32(target.count)
                    status = deflate(deflater, Z_SYNC_FLUSH)
                    return target.count - Int(deflater.pointee.avail_out)
                }
                return status
            }
            // RFC 7692 §7.2.1: 00 00 FF FF at the end is cut off.
            guard status == Z_OK, deflater.pointee.avail_in == 0, output.readableBytes >= 4 else {
                return nil
            }
            return output.readSlice(length: output.readableBytes - 4)
        }

        func inflate(_ message: ByteBuffer, limit: Int) -> Inflated {
            guard inflateReset(inflater) == Z_OK else { return .broken }
            var input = message
            input.writeBytes([0x00, 0x00, 0xFF, 0xFF])
            var output = ByteBuffer()
            return input.withUnsafeMutableReadableBytes { source in
                inflater.pointee.next_in = source.bindMemory(to: UInt8.self).baseAddress
                inflater.pointee.avail_in = UInt32(source.count)
                while true {
                    let (status, room) = step(&output)
                    guard output.readableBytes <= limit else { return .tooLong }
                    switch status {
                    // A full output buffer means that there is more to come.
                    case Z_OK where room == 0: continue
                    case Z_OK, Z_BUF_ERROR, Z_STREAM_END: return .message(output)
                    default: return .broken
                    }
                }
            }
        }

        /// Inflates up to 16 KiB more: zlib's answer, and how much room was left.
        private func step(_ output: inout ByteBuffer) -> (status: Int32, room: Int) {
            var status = Z_OK
            output.writeWithUnsafeMutableBytes(minimumWritableBytes: 16 << 10) { target in
                inflater.pointee.next_out = target.bindMemory(to: UInt8.self).baseAddress
                inflater.pointee.avail_out = UInt32(target.count)
                status = CZlib.inflate(inflater, Z_SYNC_FLUSH)
                return target.count - Int(inflater.pointee.avail_out)
            }
            return (status, Int(inflater.pointee.avail_out))
        }
    }
}
