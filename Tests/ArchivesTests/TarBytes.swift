import CArchive

/// One tar member, byte by byte, so that it can be as wrong as a test wants it.
struct Member {
  var name: [UInt8]
  var type: Character = "0"
  var mode: UInt32 = 0o444
  var data: [UInt8] = []
  var target: [UInt8] = []
  /// The size field; the data's length where it is nil.
  var size: [UInt8]?
  /// Whole blocks before the member's own header: extended headers.
  var before: [UInt8] = []
  var magic = "ustar  \0"
  /// Bytes to put elsewhere into the header, by offset.
  var patches: [Int: [UInt8]] = [:]
  var breaksChecksum = false

  static func file(_ name: String, _ data: String, mode: UInt32 = 0o444) -> Member {
    Member(name: Array(name.utf8), mode: mode, data: Array(data.utf8))
  }
  static func directory(_ name: String) -> Member { Member(name: Array(name.utf8), type: "5", mode: 0o555) }
  static func link(_ name: String, _ target: String) -> Member {
    Member(name: Array(name.utf8), type: "2", mode: 0o777, target: Array(target.utf8))
  }

  /// Headers and data in blocks of 512 bytes, with GNU long names where they are needed.
  var bytes: [UInt8] {
    var bytes = before
    if name.count > 100 { bytes += Member.long("L", name) }
    if target.count > 100 { bytes += Member.long("K", target) }
    return bytes + header + data.padded
  }

  private static func long(_ type: Character, _ text: [UInt8]) -> [UInt8] {
    Member(name: Array("././@LongLink".utf8), type: type, mode: 0, data: text + [0]).bytes
  }

  private var header: [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ bytes: some Collection<UInt8>, at offset: Int) {
      for (index, byte) in bytes.enumerated() { block[offset + index] = byte }
    }
    put(name.prefix(100), at: 0)
    put(Member.octal(Int(mode), 7), at: 100)
    put(Member.octal(0, 7), at: 108)
    put(Member.octal(0, 7), at: 116)
    put(size ?? Member.octal(data.count, 11), at: 124)
    put(Member.octal(0, 11), at: 136)
    put(String(type).utf8, at: 156)
    put(target.prefix(100), at: 157)
    put(magic.utf8, at: 257)
    for (offset, bytes) in patches { put(bytes, at: offset) }
    put([UInt8](repeating: 32, count: 8), at: 148)
    let sum = block.reduce(0) { $0 + Int($1) } + (breaksChecksum ? 1 : 0)
    put(Member.octal(sum, 6) + [0, 32], at: 148)
    return block
  }

  static func octal(_ value: Int, _ digits: Int) -> [UInt8] {
    let text = String(value, radix: 8)
    return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
  }

  /// A pax extended header ("x") or a global one ("g") with these records.
  static func pax(_ records: [(String, [UInt8])], type: Character = "x") -> [UInt8] {
    var data: [UInt8] = []
    for (key, value) in records {
      let rest = Array(" \(key)=".utf8) + value + [10]
      var length = rest.count + 1
      while String(length).utf8.count + rest.count != length { length += 1 }
      data += Array("\(length)".utf8) + rest
    }
    return Member(name: Array("PaxHeaders/x".utf8), type: type, data: data, magic: "ustar\u{0}00").bytes
  }
}

extension [UInt8] {
  /// Followed by zeros up to the next multiple of 512.
  var padded: [UInt8] { self + [UInt8](repeating: 0, count: (512 - count % 512) % 512) }

  static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  static func tar(_ members: [Member], end: [UInt8] = .zeros(1024)) -> [UInt8] { members.flatMap(\.bytes) + end }

  /// One zstd frame of these bytes.
  func compressed(windowLog: Int32 = 20, withSize: Bool = false) -> [UInt8] {
    let context = ZSTD_createCCtx()
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowLog)
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, withSize ? 1 : 0)
    var output = [UInt8](repeating: 0, count: ZSTD_compressBound(count))
    var out = ZSTD_outBuffer(dst: nil, size: output.count, pos: 0)
    var left = 1
    withUnsafeBytes { bytes in
      output.withUnsafeMutableBytes { buffer in
        out.dst = buffer.baseAddress
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        // Fed as a stream, so that the frame does not know its size and keeps the window that was asked for.
        _ = ZSTD_compressStream2(context, &out, &input, ZSTD_e_continue)
        while left > 0, ZSTD_isError(left) == 0 { left = ZSTD_compressStream2(context, &out, &input, ZSTD_e_end) }
      }
    }
    return Array(output.prefix(out.pos))
  }
}
