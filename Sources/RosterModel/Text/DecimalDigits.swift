/// Decimal text of whole numbers, for writers that have no `String` in between.
package enum DecimalDigits {
    /// Calls `body` with the ASCII digits of `number`, a minus sign first where it is negative; 20 bytes at most, valid
    /// during the call.
    @inlinable package static func withText(of number: Int64, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var place = digits.count
            var rest = number.magnitude
            repeat {
                place -= 1
                digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                place -= 1
                digits[place] = UInt8(ascii: "-")
            }
            body(UnsafeBufferPointer(rebasing: digits[place...]))
        }
    }
}
