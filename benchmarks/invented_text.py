"""Invented news text that `benchmarks/pages.py` sets into the markup of many kinds of pages."""

from __future__ import annotations

PARAGRAPHS = (
    "Ngày 11/3, đại diện hai chính phủ ngồi lại với nhau tại một khách sạn ven hồ sau mười tháng không liên lạc.",
    "Theo ông Trịnh Bách, trưởng phái đoàn chủ nhà, buổi làm việc đầu tiên kéo dài gần sáu giờ và không có phiên dịch riêng.",
    "Một nguồn tin ngoại giao cho biết hai bên còn cách xa nhau về vùng đệm, song đã thống nhất được lịch trao đổi tù binh.",
    "“Chúng tôi không đến đây để đổ lỗi. Chúng tôi đến để tìm một lối ra mà cả hai phía đều sống được”, bà Hạ Lan nói.",
    "Trong khi đó, lực lượng biên phòng tiếp tục tuần tra dọc con sông, nơi ba binh sĩ bị thương hồi cuối tháng Hai.",
    "Bộ Quốc phòng nước láng giềng hôm thứ Tư tuyên bố sẽ đáp trả mọi hành vi xâm nhập bằng các biện pháp thích đáng.",
    "Liên minh khu vực kêu gọi các bên kiềm chế và đề nghị cử quan sát viên tới hai cửa khẩu lớn nhất.",
    "Giá gạo tại chợ biên giới đã giảm trở lại sau khi tuyến đường số 7 được mở cho xe tải vào ban ngày.",
    "Ông nhấn mạnh rằng không ai được lợi nếu chiến sự bùng phát trước mùa mưa, khi hàng nghìn hộ dân phải sơ tán.",
    "Quốc hội dự kiến bỏ phiếu về gói ngân sách quốc phòng bổ sung vào tuần sau, theo người phát ngôn Lê Đông.",
    "Các nhà phân tích của Viện Chính sách Bắc Hà nhận định đây là bước lùi có tính toán chứ không phải nhượng bộ.",
    "Đoàn xe cứu trợ đầu tiên gồm mười hai chiếc đã qua cầu Vĩnh An lúc rạng sáng, mang theo thuốc men và lều bạt.",
    "Tuy nhiên, phe đối lập cho rằng thỏa thuận thiếu cơ chế giám sát và có thể đổ vỡ chỉ sau vài tuần.",
    "Tại thủ đô, hàng trăm người tập trung trước tòa thị chính, mang theo biểu ngữ đòi chính phủ công bố toàn văn văn kiện.",
    "Vòng đàm phán kế tiếp được ấn định vào ngày 2/4 tại một nước thứ ba, địa điểm cụ thể chưa được tiết lộ.",
    "Hai nước từng ký hiệp định tương tự cách đây chín năm nhưng không bên nào phê chuẩn.",
    "Bà cho biết thêm phía bà sẵn sàng rút pháo binh khỏi sườn đồi phía đông nếu nhận được cam kết bằng văn bản.",
    "Ngân hàng trung ương trấn an thị trường rằng dự trữ ngoại hối đủ cho bảy tháng nhập khẩu.",
    "Hãng hàng không quốc gia thông báo nối lại ba chuyến bay mỗi tuần, bắt đầu từ chuyến sáng thứ Hai.",
    "Phát biểu trên truyền hình tối qua, Thủ tướng gọi cuộc gặp là cơ hội hiếm hoi và hứa sẽ không bỏ lỡ.",
    "Một tàu hải cảnh đã phun vòi rồng vào thuyền tiếp tế hôm 9/3, khiến hai thủy thủ bị thương nhẹ.",
    "Phía bên kia bác bỏ cáo buộc, nói rằng con thuyền đã đi vào vùng biển của họ mà không xin phép.",
    "Tổ chức Y tế trong khu vực cảnh báo nguy cơ dịch tả ở bốn trại tị nạn dọc biên giới.",
    "Giới doanh nhân hai nước bày tỏ hy vọng cửa khẩu phụ sẽ hoạt động bình thường trước cuối quý.",
    "Kết thúc buổi họp, hai trưởng đoàn bắt tay nhau nhưng từ chối trả lời câu hỏi của báo giới.",
    "Ông từ chối nói rõ liệu lệnh ngừng bắn có được gia hạn hay không.",
    "Cơ quan khí tượng dự báo mưa lớn trong ba ngày tới, có thể làm chậm công tác rà phá bom mìn.",
    "Hơn sáu mươi học giả ký thư ngỏ đề nghị lập một ủy ban sự thật độc lập về các vụ pháo kích năm ngoái.",
)
LEADS = (
    "Sau mười tháng im lặng, hai nước láng giềng mở lại kênh liên lạc quân sự và hẹn gặp nhau vào đầu tháng Tư.",
    "Phái đoàn hai bên rời bàn họp với một lịch trao đổi tù binh, nhưng chưa có chữ ký nào về vùng đệm.",
    "Nhiều chuyên gia cho rằng cuộc gặp bên hồ là phép thử đầu tiên cho thỏa thuận ngừng bắn mong manh.",
    "Cuộc đối đầu trên biển leo thang khi tàu hải cảnh dùng vòi rồng với thuyền tiếp tế.",
)
TITLES = (
    "Hai nước láng giềng mở lại kênh liên lạc quân sự",
    "Đàm phán bên hồ: có lịch trao tù binh, chưa có vùng đệm",
    "Phép thử đầu tiên của lệnh ngừng bắn mong manh",
    "Tàu hải cảnh phun vòi rồng vào thuyền tiếp tế",
)
CROSSHEADS = (  # of each, words recur in the paragraph of PARAGRAPHS that its number names
    ("Liên minh khu vực kêu gọi các bên kiềm chế", 6),
    ("Phe đối lập: thỏa thuận thiếu cơ chế giám sát", 12),
    ("Giá gạo tại chợ biên giới giảm trở lại", 7),
    ("Bỏ phiếu về gói ngân sách quốc phòng bổ sung", 9),
)
CAPTIONS = (
    "Hai trưởng đoàn bắt tay trước giờ khai mạc tại khách sạn ven hồ.",
    "Xe cứu trợ qua cầu Vĩnh An sáng 12/3",
    "Binh sĩ tuần tra dọc sông hôm 10/3. Ảnh: Thông tấn Bắc Hà",
    "Quang cảnh trại tị nạn phía đông.",
)
HEADLINES = (
    "Bão lớn áp sát quần đảo phía nam, hàng nghìn người sơ tán",
    "Giá dầu tăng ba phiên liên tiếp trước thềm cuộc họp",
    "Nhà máy điện gió đầu tiên của tỉnh miền núi phát điện",
    "Đội tuyển nữ thắng đậm trận ra quân ở vòng loại",
    "Thành phố thử nghiệm vé xe buýt điện tử từ tháng tới",
    "Tìm thấy bản đồ cổ trong kho lưu trữ của thư viện",
    "Nông dân miền Tây được mùa xoài nhưng lo đầu ra",
    "Nghệ sĩ dương cầm trẻ đoạt giải tại liên hoan quốc tế",
)
TEASERS = (
    "Cơ quan phòng chống thiên tai yêu cầu tàu thuyền về nơi trú ẩn trước mười tám giờ hôm nay.",
    "Nhà đầu tư chờ tín hiệu về sản lượng từ các nước xuất khẩu lớn trong phiên họp cuối tuần.",
    "Dự án gồm mười hai trụ gió, đủ cấp điện cho khoảng hai mươi nghìn hộ dân trong vùng.",
    "Các cô gái áo xanh ghi bốn bàn trong hiệp hai dù phải chơi thiếu người từ phút ba mươi.",
    "Hành khách chỉ cần chạm thẻ khi lên và xuống xe, giá vé tính theo quãng đường thực tế.",
    "Tấm bản đồ vẽ tay có tuổi đời hơn ba trăm năm, được cuộn trong một ống tre bọc sáp.",
    "Thương lái ép giá vì xe lạnh khan hiếm, nhiều nhà vườn tính chuyện sấy khô để xuất khẩu.",
    "Ban giám khảo đánh giá cao cách cô xử lý chương chậm của bản sonata cuối cùng.",
)


def paragraphs(first: int, n: int) -> list[str]:
    """Paragraphs in a row, from the one of that number, round the end."""
    return [PARAGRAPHS[(first + at) % len(PARAGRAPHS)] for at in range(n)]
