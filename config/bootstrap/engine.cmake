# Read by the build of llama-cpp-python, behind its first project() line (wheel.py).

# Python never loads it. A plain variable shadows the cache entry that is forced to ON.
set(LLAMA_BUILD_COMMON OFF)

# llama.cpp's own way to OpenBLAS, as a module that nothing links to: the engine loads it
# for the models that gain by it, and no other process ever holds OpenBLAS. Weights are
# unpacked for it by ggml-base, which upstream compiles for any processor.
function(add_openblas)
    set(ggml ${CMAKE_SOURCE_DIR}/vendor/llama.cpp/ggml/src)
    find_package(OpenMP REQUIRED COMPONENTS CXX)
    add_library(ggml-blas MODULE ${ggml}/ggml-blas/ggml-blas.cpp)
    target_compile_features(ggml-blas PRIVATE cxx_std_17)
    target_compile_definitions(ggml-blas PRIVATE
        GGML_BACKEND_DL GGML_BACKEND_BUILD GGML_BACKEND_SHARED
        GGML_BLAS_USE_OPENBLAS GGML_USE_OPENMP
        cblas_sgemm=scipy_cblas_sgemm
        openblas_get_parallel=scipy_openblas_get_parallel
        openblas_set_num_threads=scipy_openblas_set_num_threads)
    target_include_directories(ggml-blas PRIVATE ${ggml} ${COMPANION_OPENBLAS}/include)
    target_link_libraries(ggml-blas PRIVATE ggml-base OpenMP::OpenMP_CXX
        ${COMPANION_OPENBLAS}/lib/libscipy_openblas.so)
    set_target_properties(ggml-blas PROPERTIES
        INSTALL_RPATH "$ORIGIN" INSTALL_RPATH_USE_LINK_PATH OFF)
    install(TARGETS ggml-blas LIBRARY DESTINATION ${SKBUILD_PLATLIB_DIR}/llama_cpp/lib)
    if(GGML_NATIVE)
        target_compile_options(ggml-base PRIVATE -march=native)
    endif()
endfunction()

if(COMPANION_OPENBLAS)
    cmake_language(DEFER CALL add_openblas)
endif()
