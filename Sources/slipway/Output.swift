import FoundationEssentials
import Glibc
import Installation
import Posix
import SystemPackage
import Updating

/// Standard output is for machines and answers, standard error for people.
enum Output {
  static func document(_ value: some Encodable) throws {
    try FileDescriptor.standardOutput.writeFully(try JSON.encode(value), path: "standard output")
  }

  static func line(_ text: String) {
    try? FileDescriptor.standardOutput.writeFully(Array((text + "\n").utf8), path: "standard output")
  }

  static func tell(_ text: String) {
    try? FileDescriptor.standardError.writeFully(Array((text + "\n").utf8), path: "standard error")
  }

  private struct ErrorDocument: Encodable {
    let schema = "slipway.error/1"
    let code: Int32
    let error: String
    let message: String
    let remedy: String?
  }

  /// One clear error: what and where, then what to do. With --json also a document.
  static func fail(_ failure: Failure) -> Never {
    if CommandLine.arguments.contains("--json") {
      try? document(
        ErrorDocument(
          code: failure.code.rawValue, error: failure.name, message: failure.message, remedy: failure.remedy))
    }
    tell("ERROR: \(failure.message)")
    if let remedy = failure.remedy { tell(remedy) }
    exit(failure.code.rawValue)
  }
}
