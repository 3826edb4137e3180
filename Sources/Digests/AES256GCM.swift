// SPDX-License-Identifier: Apache-2.0

import Crypto

/// AES with a key of 256 bits in Galois/Counter Mode (NIST SP 800-38D): nobody without the key can read a text, change it
/// unnoticed, or use it in another place than the one it was sealed for.
package enum AES256GCM {
    /// Bytes of a key.
    package static let keyLength = 32
    /// Bytes of a nonce. A key must never see the same nonce twice.
    package static let nonceLength = 12

    /// The nonce, the encrypted text and a tag of 16 bytes, one after the other; nil if key or nonce have a wrong length.
    ///
    /// - Parameter place: what the text belongs to. It is not kept, and only he who names it again can open the text.
    package static func sealed(
        _ text: [UInt8], key: [UInt8], nonce: [UInt8], for place: [UInt8]
    ) -> [UInt8]? {
        guard key.count == keyLength, nonce.count == nonceLength else { return nil }
        do {
            let box = try AES.GCM.seal(
                text, using: SymmetricKey(data: key), nonce: AES.GCM.Nonce(data: nonce), authenticating: place
            )
            return box.combined.map { Array($0) }
        } catch {
            // Only lengths are refused, and these were looked at.
            return nil
        }
    }

    /// The text that was sealed; nil if it was sealed with another key or for another place, or was changed since.
    package static func opened(_ sealed: [UInt8], key: [UInt8], for place: [UInt8]) -> [UInt8]? {
        guard key.count == keyLength else { return nil }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed)
            return Array(try AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: place))
        } catch {
            // What is too short or does not fit its tag is no text of ours.
            return nil
        }
    }
}
