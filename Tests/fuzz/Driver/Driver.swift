import Cryptography
import Glibc
import SystemPackage

/// libFuzzer's `main` calls the two functions below; see `scripts/fuzz`. The target comes from the environment, since
/// the arguments belong to libFuzzer.
private let chosen: FuzzTarget = {
  let name = getenv("SLIPWAY_FUZZ_TARGET").map { String(cString: $0) } ?? ""
  if let target = FuzzTarget.all.first(where: { $0.name == name }) { return target }
  for target in FuzzTarget.all { print(target.name, target.maximumLength) }
  exit(name.isEmpty ? 0 : 64)
}()

@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
  guard getenv("SLIPWAY_FUZZ_ACCEPTED") != nil else {
    _ = chosen
    return 0
  }
  // Only tells which of the files are accepted, and their canonical JSON, a line each.
  for index in 1..<Int(count.pointee) {
    guard let argument = arguments.pointee[index] else { continue }
    let path = String(cString: argument)
    guard let bytes = try? contents(of: path), (try? chosen.run(bytes)) == true else { continue }
    print(path, chosen.canonical?(bytes).map { Hex.encode($0) } ?? "")
  }
  exit(0)
}

private func contents(of path: String) throws -> [UInt8] {
  let file = try FileDescriptor.open(FilePath(path), .readOnly)
  return try file.closeAfter {
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
    return Array(bytes.prefix(count))
  }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do {
    _ = try chosen.run(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    _ = try? FileDescriptor.standardError.writeAll("FINDING in \(chosen.name): \(error)\n".utf8)
    abort()
  }
  return 0
}
