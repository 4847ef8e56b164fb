/// Names of delegated roles are chosen by whoever signs the delegation, and end up in file names and URLs.
enum RoleName {
  /// Throws `malformed` for an empty name or one of the four top-level names, `unsupported` for one too long for a file.
  static func check(_ name: String) throws(TUFError) {
    guard !name.isEmpty, TopLevelRole(rawValue: name) == nil else {
      throw TUFError(.malformed, "a delegated role cannot be named \"\(name)\"")
    }
    guard fileName(name).utf8.count <= 220 else { throw TUFError(.unsupported, "a role name too long for a file name") }
  }

  /// One path component, safe everywhere: the percent-encoded role (RFC 3986, unreserved characters stand) and ".json".
  static func fileName(_ role: String) -> String {
    var name = ""
    for byte in role.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        name += "%" + (hex.count == 1 ? "0" : "") + hex
      }
    }
    return name + ".json"
  }
}
