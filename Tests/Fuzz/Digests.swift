// SPDX-License-Identifier: Apache-2.0

/// Stands for the module `Digests` in the fuzzer, which is built without packages: FNV-1a instead of SHA-256. No input is
/// ever compared by its hash here.
package enum SHA256Digest {
    /// Sixteen hexadecimal digits.
    package static func hex(of input: [UInt8]) -> String {
        String(
            input.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
    }
}
