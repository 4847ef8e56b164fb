import FoundationEssentials
import Glibc
import Installation
import Posix
import SystemPackage
import Product

/// Standard output is for machines and answers, standard error for people.
public enum Output {
  public static func document(_ value: some Encodable) throws {
    try FileDescriptor.standardOutput.writeFully(try JSON.encode(value), path: "standard output")
  }

  public static func line(_ text: String) {
    try? FileDescriptor.standardOutput.writeFully(Array((text + "\n").utf8), path: "standard output")
  }

  public static func tell(_ text: String) { show(text + "\n") }

  /// As it is, without a newline.
  public static func show(_ text: String) {
    try? FileDescriptor.standardError.writeFully(Array(text.utf8), path: "standard error")
  }

  private struct ErrorDocument: Encodable {
    let schema = "slipway.error/1"
    let code: Int32
    let error: String
    let message: String
    let remedy: String?
    let log: String?
  }

  /// Asks on the terminal; anything but yes is no.
  public static func ask(_ question: String) -> Bool {
    try? FileDescriptor.standardError.writeFully(Array("\(question) [y/N] ".utf8), path: "standard error")
    guard let answer = readLine() else { return false }
    return ["y", "yes"].contains(answer.lowercased())
  }

  /// One clear error: what and where, then what to do, and where the log is. With --json also a document.
  public static func fail(_ failure: Failure, log: String? = nil) -> Never {
    if CommandLine.arguments.contains("--json") {
      try? document(
        ErrorDocument(
          code: failure.code.rawValue, error: failure.name, message: failure.message, remedy: failure.remedy,
          log: log))
    }
    tell("ERROR: \(failure.message)")
    if let remedy = failure.remedy { tell(remedy) }
    if let log { tell("The install log is \(log)") }
    exit(failure.code.rawValue)
  }
}
