import Console
import NIOCore
import NIOHTTP1
import Posix

/// Answers the requests of one connection with files.
final class FileHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  /// Bytes that are read and sent at a time; the next ones are read when these have been sent.
  private static let chunk: Int64 = 256 << 10

  private let folder: SharedFolder
  private let log: Bool
  private var request: HTTPRequestHead?

  init(_ folder: SharedFolder, log: Bool) {
    self.folder = folder
    self.log = log
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): request = head
    case .body: break
    case .end:
      guard let head = request else { return }
      request = nil
      let reply = Reply(to: head, in: folder)
      if log { Output.tell("\(head.method.rawValue) \(head.uri) \(reply.head.status.code)") }
      send(reply, context, isLast: !head.isKeepAlive)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func send(_ reply: Reply, _ context: ChannelHandlerContext, isLast: Bool) {
    context.write(wrapOutboundOut(.head(reply.head)), promise: nil)
    guard let body = reply.body else { return finish(context, isLast) }
    send(body.file, body.range, context, isLast)
  }

  private func send(
    _ file: OpenedFile, _ range: Range<Int64>, _ context: ChannelHandlerContext, _ isLast: Bool
  ) {
    guard !range.isEmpty else { return finish(context, isLast) }
    var bytes = [UInt8](repeating: 0, count: Int(min(Self.chunk, range.upperBound - range.lowerBound)))
    let position = range.lowerBound
    let count = try? bytes.withUnsafeMutableBytes { try file.descriptor.read(at: position, into: $0, path: "") }
    guard let count, count > 0 else {
      // Shorter than promised: only a cut connection tells the client.
      context.close(promise: nil)
      return
    }
    let rest = (position + Int64(count))..<range.upperBound
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes.prefix(count))))))
      .whenSuccess {
        let (handler, context) = bound.value
        handler.send(file, rest, context, isLast)
      }
  }

  private func finish(_ context: ChannelHandlerContext, _ isLast: Bool) {
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
      if isLast { bound.value.close(promise: nil) }
    }
  }
}
