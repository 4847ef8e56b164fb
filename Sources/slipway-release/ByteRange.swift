/// What a Range header asks for (RFC 9110, section 14.2).
enum ByteRange: Equatable {
  /// The whole file: no header, several ranges, another unit, or nonsense, all of which may be ignored.
  case whole
  case part(Range<Int64>)
  case unsatisfiable

  /// - Parameters:
  ///   - header: the header's value, if it came.
  ///   - length: the file's length in bytes.
  init(_ header: String?, length: Int64) {
    guard let header, header.hasPrefix("bytes="), !header.utf8.contains(UInt8(ascii: ",")) else {
      self = .whole
      return
    }
    let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, ends.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }) else {
      self = .whole
      return
    }
    let (first, last) = (Int64(ends[0]), Int64(ends[1]))
    if let first, last.map({ first <= $0 }) ?? ends[1].isEmpty {
      self = first < length ? .part(first..<(min(last ?? length - 1, length - 1) + 1)) : .unsatisfiable
    } else if let last, ends[0].isEmpty {
      self = last > 0 && length > 0 ? .part(max(0, length - last)..<length) : .unsatisfiable
    } else {
      self = .whole
    }
  }
}
