# Turns the pages of a bundle into one C file: cmake -DOUT=... -DROOT=... -P embed.cmake
# The program carries them along, so that a bundle is whole wherever it is written.
set(pages "VERIFY.txt=lottery/page/VERIFY.txt" "verify.py=tests/reference/verify.py"
          "PROTOCOL.md=lottery/PROTOCOL.md")
set(parts "page_template=lottery/page/index.html" "page_check=lottery/page/check.js"
          "page_script=lottery/page/page.js")
set(text "/* Made by lottery/page/embed.cmake. */\n#include \"lottery/page.h\"\n\n")

# Appends an array with the bytes of a file; its size goes to `size`.
macro(embed array path)
    file(READ "${ROOT}/${path}" hex HEX)
    string(LENGTH "${hex}" digits)
    math(EXPR size "${digits} / 2")
    string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
    string(APPEND text "static const unsigned char ${array}[] = {\n${hex}0};\n\n")
endmacro()

set(table "")
set(number 0)
foreach(page IN LISTS pages)
    string(REPLACE "=" ";" pair "${page}")
    list(GET pair 0 name)
    list(GET pair 1 path)
    embed(bytes_${number} "${path}")
    string(APPEND table "    {\"${name}\", (const char *)bytes_${number}, ${size}},\n")
    math(EXPR number "${number} + 1")
endforeach()
string(APPEND text "const struct page pages[] = {\n${table}    {0},\n};\n\n")
foreach(part IN LISTS parts)
    string(REPLACE "=" ";" pair "${part}")
    list(GET pair 0 name)
    list(GET pair 1 path)
    embed(bytes_of_${name} "${path}")
    string(APPEND text "const struct page ${name} = {\"${path}\", "
                       "(const char *)bytes_of_${name}, ${size}};\n\n")
endforeach()
file(WRITE "${OUT}" "${text}")
